import { describe, expect, it } from '@jest/globals';
import { lossOf } from '../../../src/ops/loss.ts';

describe('the loss of notifications', () => {
  it.each([
    [0, 0, 0, false],
    [99, 1, 0.01, false],
    [0, 4, 1, false],
    [495, 5, 0.01, false],
    [494, 5, 5 / 499, true],
    [0, 5, 1, true],
  ])('of %i announced and %i lost is %d, high: %s', (announced, lost, rate, isHigh) => {
    expect(lossOf({ announced, lost }, 0.01)).toEqual({ announced, lost, rate, isHigh });
  });
});
