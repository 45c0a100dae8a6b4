import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.ts';

/** `node dist/main.js ARGS` as a process of its own, with no settings but those given. */
export function startProgram(args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    output: () => output.join(''),
    exited,
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

interface RunningFile {
  url: string;
  mongo: { uri: string };
  graph: { baseUrl: string; tenantId: string };
}

/** What a started mirror notes for other commands, once it is live. */
export async function untilLive(dataDir: string): Promise<RunningFile> {
  return until(
    async () => {
      const noted = JSON.parse(
        await readFile(join(dataDir, 'running.json'), 'utf8'),
      ) as RunningFile;
      const status = (await (await fetch(`${noted.url}/status`)).json()) as { state: string };
      return status.state === 'live' ? noted : undefined;
    },
    { timeoutMs: 90_000, everyMs: 100 },
  );
}
