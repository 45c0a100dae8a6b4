import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Template {
  path: string;
  source: string;
  params: { name: string; isRequired: boolean; isSecure: boolean }[];
  outputs: string[];
  modules: { symbol: string; path: string; passed: string[] }[];
}

/** Reads of a template what is at the beginning of a line, as our templates are laid out. */
export function readTemplate(path: string): Template {
  const source = readFileSync(path, 'utf8');
  const lines = source.split('\n');
  return {
    path,
    source,
    params: lines.flatMap((line, at) => {
      const name = /^param (\w+) /.exec(line)?.[1];
      if (name === undefined) return [];
      return [
        {
          name,
          isRequired: !line.includes(' = '),
          isSecure: decorators(lines, at).includes('@secure()'),
        },
      ];
    }),
    outputs: [...source.matchAll(/^output (\w+) /gm)].map((match) => match[1]!),
    modules: [...source.matchAll(/^module (\w+) '([^']+)' = .*\n([^]*?)^[}\]]/gm)].map(
      ([, symbol, file, body]) => ({
        symbol: symbol!,
        path: join(dirname(path), file!),
        passed: keysOf(body!, 'params'),
      }),
    ),
  };
}

/** The names in the object that `key` holds, without those of objects inside it. */
function keysOf(body: string, key: string): string[] {
  const [, indent, inside] = new RegExp(`^( *)${key}: \\{\\n([^]*?)^\\1\\}`, 'm').exec(body) ?? [];
  if (indent === undefined || inside === undefined) return [];
  return [...inside.matchAll(new RegExp(`^${indent}  (\\w+):`, 'gm'))].map((match) => match[1]!);
}

function decorators(lines: readonly string[], at: number): string[] {
  const above = lines.slice(0, at).reverse();
  return above.slice(
    0,
    above.findIndex((line) => !line.startsWith('@')),
  );
}

/** Bicep's code without its comments and decorators, in which a name counts as used. */
export const codeOf = (source: string): string =>
  source.replaceAll(/^(?:\/\/|@| +\/\/| +@).*$/gm, '');
