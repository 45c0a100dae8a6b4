import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { codeOf, readTemplate } from './bicep.ts';

const folder = join('infra', 'modules');
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bicep'))
  .map((file) => join(folder, file));
const templates = [join('infra', 'main.bicep'), ...files].map(readTemplate);
const calls = templates.flatMap((caller) =>
  caller.modules.map((module) => ({
    ...module,
    caller,
    callee: templates.find(({ path }) => path === module.path),
  })),
);

describe('the Bicep templates', () => {
  it('refer only to files that exist, and to every one of them', () => {
    const imported = templates.flatMap(({ path, source }) =>
      [...source.matchAll(/^import .* from '([^']+)'/gm)].map((match) =>
        join(path, '..', match[1]!),
      ),
    );
    const referred = [...calls.map(({ path }) => path), ...imported];
    expect(referred.filter((path) => !existsSync(path))).toEqual([]);
    expect(files.filter((path) => !referred.includes(path))).toEqual([]);
  });

  it('pass to a module what it declares, all that it requires and nothing else', () => {
    expect(calls.length).toBeGreaterThan(10);
    const wrong = calls.flatMap(({ symbol, passed, callee }) => {
      const declared = callee?.params ?? [];
      const unknown = passed.filter((name) => !declared.some((param) => param.name === name));
      const missing = declared.filter(
        ({ name, isRequired }) => isRequired && !passed.includes(name),
      );
      return [...unknown, ...missing.map(({ name }) => name)].map((name) => `${symbol}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });

  it('use only outputs that the module has', () => {
    const used = templates.flatMap((caller) =>
      [...caller.source.matchAll(/\b(\w+)!?\.outputs\.(\w+)/g)].map(([text, symbol, output]) => ({
        text,
        output: output!,
        callee: calls.find((call) => call.caller === caller && call.symbol === symbol)?.callee,
      })),
    );
    expect(used.length).toBeGreaterThan(10);
    const wrong = used.filter(({ output, callee }) => !callee?.outputs.includes(output));
    expect(wrong.map(({ text }) => text)).toEqual([]);
  });

  it('use every parameter and variable that they declare', () => {
    const unused = templates.flatMap(({ path, source }) => {
      const code = codeOf(source);
      return [...code.matchAll(/^(?:param|var) (\w+) /gm)]
        .map((match) => match[1]!)
        .filter((name) => code.match(new RegExp(`\\b${name}\\b`, 'g'))!.length < 2)
        .map((name) => `${path}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it('mark secrets as such, give them no default, and put none into an output', () => {
    const secret = /password|mongodbUri$|adminToken$|^value$/i;
    const open = templates.flatMap(({ path, params }) =>
      params
        .filter(({ name, isSecure }) => secret.test(name) !== isSecure)
        .map(({ name }) => `${path}: ${name}`),
    );
    expect(open).toEqual([]);
    expect(templates[0]!.source).toContain("param documentDbPassword string = ''");
    const outputs = templates.flatMap(({ source }) => source.match(/^output .*$/gm) ?? []);
    expect(outputs.filter((line) => /password|connectionString/i.test(line))).toEqual([]);
  });
});
