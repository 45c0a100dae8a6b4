import { describe, expect, it } from '@jest/globals';
import { duration, statusLine } from '../../../src/cli/status-line.ts';

describe('the status line', () => {
  it('says what was seen, mirrored and waits, how late, and how long the subscriptions live', () => {
    const line = statusLine({
      seen: 120,
      mirrored: 118,
      waiting: 2,
      lagMs: { p50: 35, p99: 1_240 },
      expiresInMs: 14 * 24 * 3_600_000,
    });
    expect(line).toBe(
      'changes seen 120 · mirrored 118 · waiting 2 · lag p50 35 ms p99 1.2 s · subscriptions for 14 d',
    );
  });

  it('is honest about what is not there yet', () => {
    const line = statusLine({ seen: 0, mirrored: 0, waiting: 0, lagMs: null, expiresInMs: null });
    expect(line).toContain('lag – · no subscription');
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [61_000, '1 min'],
    [7_200_000, '2 h'],
    [3 * 24 * 3_600_000, '3 d'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
