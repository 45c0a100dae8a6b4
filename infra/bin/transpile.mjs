// Takes the types away from what has changed of some folders. They are checked by `npm run check`.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes `dist/OUT/…` for each source file of `folders`; gives the folder that they are in. */
export async function transpile(folders, outName) {
  const out = join(root, 'dist', outName);
  const target = (file) => join(out, file.replace(/\.ts$/, '.js'));
  const stale = folders.flatMap(sources).filter((file) => isStale(file, target(file)));
  if (stale.length === 0) return out;
  const { default: ts } = await import('typescript');
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    inlineSourceMap: true,
  };
  for (const file of stale) {
    const source = readFileSync(join(root, file), 'utf8');
    const { outputText } = ts.transpileModule(source, { fileName: file, compilerOptions });
    write(target(file), outputText);
  }
  return out;
}

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
}

function isStale(file, made) {
  const stat = statSync(made, { throwIfNoEntry: false });
  return stat === undefined || stat.mtimeMs < statSync(join(root, file)).mtimeMs;
}

/** Renamed into place, since another process may be reading or making it too. */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
