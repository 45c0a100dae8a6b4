import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { chart } from './support/chart.ts';
import { curvesOf, writeTables } from './support/markdown.ts';
import type { Run } from './support/print.ts';

const page = 'docs/performance.md';
const picture = 'docs/performance-growth.svg';

/** Runs each benchmark as a process of its own and writes what they measured into the page on performance. */
export async function runAll(names: readonly string[], args: readonly string[]): Promise<void> {
  const runs: Run[] = [];
  for (const name of names) {
    const run = await runOne(name, args);
    if (run) runs.push(run);
    else process.exitCode = 1;
  }
  await writeFile(page, writeTables(await readFile(page, 'utf8'), runs));
  const grown = runs.find(({ bench }) => bench === 'growth');
  if (grown) await writeFile(picture, chart(curvesOf(grown), { x: 'people', y: 'ms' }));
  console.log(`${page} and ${picture} are written.`);
  if (args.includes('--check') && runs.some(({ missed }) => missed > 0)) process.exitCode = 1;
}

async function runOne(name: string, args: readonly string[]): Promise<Run | undefined> {
  const flags = args.filter((arg) => arg === '--smoke');
  const child = spawn(process.execPath, ['bench/run.mjs', name, '--json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, ended] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const code = ended[0] as number | null;
  if (code === 0) return JSON.parse(printed) as Run;
  console.error(`${name} ended with ${String(code)}; its tables are left as they were.`);
  return undefined;
}
