import { describe, expect, it } from '@jest/globals';
import { median, quantile, ratios, spread } from '../../../bench/support/statistics.ts';

describe('statistics of a benchmark', () => {
  it('takes the middle one, and the mean of the middle two of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 4, 2])).toBe(3);
    expect(median([])).toBeNaN();
  });

  it('takes the sample that a share of all do not exceed', () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(quantile(samples, 0.99)).toBe(198);
    expect(quantile(samples, 0.5)).toBe(100);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('divides what was measured in the same round', () => {
    expect(ratios([10, 30], [20, 10])).toEqual([0.5, 3]);
  });

  it('leaves out a round whose baseline measured nothing', () => {
    expect(ratios([10, 30], [0, 10])).toEqual([3]);
  });

  it('tells the least and the greatest', () => {
    expect(spread([3, 1, 2])).toEqual([1, 3]);
  });
});
