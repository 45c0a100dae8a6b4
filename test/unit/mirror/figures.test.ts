import { describe, expect, it } from '@jest/globals';
import { mergeFigures } from '../../../src/mirror/figures.ts';

describe('figures of all processes', () => {
  it('are sums, and the lag of the slowest', () => {
    const merged = mergeFigures([
      { counts: { applied: 2, stale: 1 }, lagMs: { p50: 30, p99: 80 } },
      { counts: { applied: 3 }, lagMs: { p50: 20, p99: 90 } },
      { counts: {}, lagMs: null },
    ]);
    expect(merged).toEqual({ counts: { applied: 5, stale: 1 }, lagMs: { p50: 30, p99: 90 } });
  });

  it('have no lag where nothing was mirrored', () => {
    expect(mergeFigures([{ counts: {}, lagMs: null }])).toEqual({ counts: {}, lagMs: null });
  });
});
