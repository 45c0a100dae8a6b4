import { describe, expect, it } from '@jest/globals';
import { createFigures, percentiles } from '../../../src/ops/figures.ts';

describe('percentiles', () => {
  it('are null without samples', () => {
    expect(percentiles([])).toBeNull();
  });

  it('are samples themselves, by nearest rank', () => {
    const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentiles(samples)).toEqual({ p50: 50, p99: 99 });
    expect(percentiles([7])).toEqual({ p50: 7, p99: 7 });
  });
});

describe('figures', () => {
  it('count by name', () => {
    const figures = createFigures();
    figures.count('applied');
    figures.count('applied', 4);
    expect(figures.snapshot().counts).toEqual({ applied: 5 });
  });

  it('keep the newest lags only', () => {
    const figures = createFigures({ window: 2 });
    for (const ms of [900, 10, 20]) figures.lag(ms);
    expect(figures.snapshot().lagMs).toEqual({ p50: 10, p99: 20 });
  });
});
