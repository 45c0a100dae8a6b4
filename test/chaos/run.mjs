// Compiles what has changed of src/ and of this folder, then runs the simulation. Types are checked by
// `npm run check`; here they are only taken away.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'dist', 'chaos');
await compile(['src', join('test', 'chaos')]);
await import(join(out, 'test', 'chaos', 'main.js'));

async function compile(folders) {
  const stale = folders.flatMap(sources).filter((file) => isStale(file));
  if (stale.length === 0) return;
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
}

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
}

function target(file) {
  return join(out, file.replace(/\.ts$/, '.js'));
}

function isStale(file) {
  const made = statSync(target(file), { throwIfNoEntry: false });
  return made === undefined || made.mtimeMs < statSync(join(root, file)).mtimeMs;
}

/** Renamed into place, since another process may be reading or making it too. */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
}
