import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['bench/run.mjs', ...args], { encoding: 'utf8', timeout: 100_000 });

describe('npm run bench', () => {
  it('prints one line of JSON, and with --check fails where a target is missed', () => {
    const { stdout, status } = bench('storm', '--smoke', '--users', '20', '--json', '--check');
    const run = JSON.parse(stdout) as {
      bench: string;
      targets: { name: string; value: number }[];
      missed: number;
    };
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(run.bench).toBe('storm');
    expect(run.targets.find(({ name }) => name === 'differences')?.value).toBe(0);
    expect(status).toBe(run.missed > 0 ? 1 : 0);
  });

  it('names the benchmarks where it is given none of them', () => {
    const { stderr, status } = bench('nothing');
    expect(status).toBe(2);
    expect(stderr).toContain('receive, storm, load, lag, quota, recover, audit');
  });
});
