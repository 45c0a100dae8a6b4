// Installs what is missing and, with --build, compiles what has changed, so that a fresh clone
// needs one command. Nothing happens where everything is there already.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const path = (...parts) => join(root, ...parts);

if (!installed()) run('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund']);
if (process.argv.includes('--build') && !built())
  run('Building', 'npm', ['run', '--silent', 'build']);

function installed() {
  const have = path('node_modules', '.package-lock.json');
  if (!existsSync(have)) return false;
  const versions = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const held = versions(have);
  return Object.entries(versions(path('package-lock.json'))).every(
    ([name, wanted]) => name === '' || wanted.optional || held[name]?.version === wanted.version,
  );
}

function built() {
  const entry = path('dist', '.tsbuildinfo');
  return existsSync(entry) && newest(path('src')) < statSync(entry).mtimeMs;
}

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true }).map(
      (found) => statSync(join(found.parentPath ?? found.path, found.name)).mtimeMs,
    ),
  );
}

function run(what, command, args) {
  console.error(`${what} …`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`${what} failed: run "${command} ${args.join(' ')}" in ${root} and see why.`);
    process.exit(1);
  }
}
