import { describe, expect, it } from '@jest/globals';
import { mergeFigures } from '../../../src/mirror/figures.ts';

describe('figures of all processes', () => {
  it('are sums, and the lag of the slowest', () => {
    const merged = mergeFigures([
      { counts: { applied: 2, stale: 1 }, lagMs: { p50: 30, p99: 80 } },
      { counts: { applied: 3 }, lagMs: { p50: 20, p99: 90 } },
      { counts: {}, lagMs: null },
    ]);
    expect(merged).toMatchObject({ counts: { applied: 5, stale: 1 }, lagMs: { p50: 30, p99: 90 } });
  });

  it('are sums by tenant too', () => {
    const process = (figures: object) => ({
      ...{ counts: {}, lagMs: null },
      tenants: { T: { announced: 1, lost: 2, lagMs: null, delayMs: null, ...figures } },
    });
    const slow = { p50: 8, p99: 9 };
    const merged = mergeFigures([process({}), process({ lagMs: slow }), process({ lost: 0 })]);
    expect(merged.tenants).toEqual({ T: { announced: 3, lost: 4, lagMs: slow, delayMs: null } });
  });

  it('have no lag where nothing was mirrored', () => {
    expect(mergeFigures([{ counts: {}, lagMs: null }])).toMatchObject({ counts: {}, lagMs: null });
  });
});
