import { describe, expect, it } from '@jest/globals';
import { cut } from '../../../src/queue/cut.ts';
import { buildChange } from '../../support/build-change.ts';

describe('a change set', () => {
  it('is bounded in count', () => {
    const changes = Array.from({ length: 1_001 }, (_, index) => buildChange(String(index)));
    const runs = cut(changes);
    expect(runs.map((run) => run.length)).toEqual([500, 500, 1]);
    expect(runs.flat()).toEqual(changes);
  });

  it('is bounded in bytes, whatever its strings are', () => {
    const wide = { subscriptionId: '\u0001'.repeat(64), eventTime: '漢'.repeat(40) };
    const changes = Array.from({ length: 500 }, () => buildChange('\u0001'.repeat(64), wide));
    const runs = cut(changes);
    expect(runs.flat()).toHaveLength(500);
    for (const run of runs) expect(Buffer.byteLength(JSON.stringify(run))).toBeLessThan(200_000);
  });

  it('is not made of nothing', () => {
    expect(cut([])).toEqual([]);
  });
});
