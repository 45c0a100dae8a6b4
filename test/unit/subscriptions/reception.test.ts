import { describe, expect, it } from '@jest/globals';
import { hear, type Reception } from '../../../src/subscriptions/reception.ts';

const limitMs = 600_000;
const nowMs = 10_000_000;
const quiet = { nowMs, answered: false, lastReceiptAt: undefined };
const heard = (agoMs: number, isGap = false): Reception => ({ heardAtMs: nowMs - agoMs, isGap });

describe('rule 6.3: the receiver', () => {
  it.each([
    ['is well while it answers', heard(900_000), { ...quiet, answered: true }, false, false],
    [
      'is well while notifications come',
      heard(900_000),
      { ...quiet, lastReceiptAt: new Date(nowMs - 1) },
      false,
      false,
    ],
    ['is borne with for ten minutes', heard(599_999), quiet, false, false],
    ['that was silent for ten minutes is a gap, which is swept', heard(600_000), quiet, true, true],
    ['that stays silent is still the same gap', heard(900_000, true), quiet, true, false],
    [
      'that is back ends the gap, which is swept again',
      heard(900_000, true),
      { ...quiet, answered: true },
      false,
      true,
    ],
    ['that was never heard is a gap', { heardAtMs: -Infinity, isGap: false }, quiet, true, true],
  ])('%s', (_case, before, look, isGap, sweep) => {
    expect(hear(before, look, limitMs)).toMatchObject({ isGap, sweep });
  });
});
