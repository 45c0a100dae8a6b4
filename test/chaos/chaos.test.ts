import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

/** The simulation has a process of its own, since it replaces the clocks and timers of one. */
async function chaos(...options: string[]): Promise<string> {
  const ended = run('node', ['test/chaos/run.mjs', ...options]);
  const { stdout } = await ended.catch((error: unknown) => error as { stdout: string });
  return stdout;
}

describe('the simulation of faults', () => {
  it('ends with the mirror equal to its source whatever goes wrong', async () => {
    const lines = (await chaos('--runs', '4', '--seed', '101')).trim().split('\n');
    expect(lines.at(-1)).toMatch(/^4 of 4 runs converged; \d+ changes; faults that happened: /);
  }, 300_000);
});
