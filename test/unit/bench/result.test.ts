import { describe, expect, it } from '@jest/globals';
import { figureRow, short, targetRow } from '../../../bench/support/print.ts';
import { figure, isReached, missed } from '../../../bench/support/result.ts';

describe('a figure', () => {
  it('is the median of its rounds with their spread, beside a baseline of the same rounds', () => {
    const made = figure('load', 'ms', [300, 100, 200], { name: 'drain', values: [100, 100, 50] });
    expect(made).toEqual({
      ...{ name: 'load', unit: 'ms', value: 200, spread: [100, 300], rounds: 3 },
      baseline: { name: 'drain', value: 100, ratio: 3, spread: [1, 4] },
    });
    expect(figureRow(made)).toEqual(['load', '200 ms', '100–300', '3', '100 (drain)', '3 (1–4)']);
  });
});

describe('a target', () => {
  it('is reached at its limit and missed beyond it', () => {
    expect(isReached({ name: 'rate', value: 0.7, atLeast: 0.7 })).toBe(true);
    expect(isReached({ name: 'rate', value: 0.69, atLeast: 0.7 })).toBe(false);
    expect(isReached({ name: 'cost', value: 1.4, atMost: 1.4 })).toBe(true);
    expect(isReached({ name: 'cost', value: 1.41, atMost: 1.4 })).toBe(false);
  });

  it('is missed where nothing was measured', () => {
    const target = { name: 'cost', value: NaN, atMost: 1 };
    expect(missed({ figures: [], targets: [target], notes: [] })).toEqual([target]);
    expect(targetRow(target)).toEqual(['cost', 'at most 1', '–', 'MISSED']);
  });
});

describe('a printed number', () => {
  it('has the three digits that say something', () => {
    expect([1_234_567, 123.4, 12.345, 0.012345].map(short)).toEqual([
      '1,234,567',
      '123',
      '12.3',
      '0.0123',
    ]);
  });
});
