import { execFile } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** The simulation has processes of its own, since it replaces the clocks and timers of one. */
function chaos(...options: string[]): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve) => {
    execFile('node', ['test/chaos/run.mjs', ...options], (error, stdout) => {
      resolve({ code: error ? 1 : 0, lines: stdout.trim().split('\n') });
    });
  });
}

describe('the simulation of faults', () => {
  it.concurrent(
    'invariant 5: ends with the mirror equal to its source whatever goes wrong',
    async () => {
      const given = ['--runs', '8', '--seed', '1', '--jobs', '1', '--again', '1'];
      const { code, lines } = await chaos(...given);
      expect(lines.at(-1)).toMatch(/^8 of 8 runs converged; \d+ changes; faults that happened: /);
      expect(code).toBe(0);
    },
    900_000,
  );

  it.concurrent(
    'invariant 1: loses nothing acknowledged to real kills',
    async () => {
      const { code, lines } = await chaos('--kills', '8', '--seed', '1');
      expect({ code, lines }).toMatchObject({
        code: 0,
        lines: [expect.stringContaining('nothing acknowledged is missing')],
      });
    },
    600_000,
  );

  it.concurrent(
    'finds each invariant broken on purpose, and nothing where none is',
    async () => {
      const { code, lines } = await chaos('--breaks');
      expect(lines.filter((line) => !line.startsWith('as it has to be: '))).toEqual([]);
      expect(lines.filter((line) => /nothing broken: the audit finds 0$/.test(line))).toHaveLength(
        10,
      );
      for (const invariant of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const found = new RegExp(`invariant ${invariant}: .*: the audit finds [1-9]`);
        expect(lines.some((line) => found.test(line))).toBe(true);
      }
      expect(code).toBe(0);
    },
    600_000,
  );
});
