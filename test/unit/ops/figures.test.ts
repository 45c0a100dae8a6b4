import { describe, expect, it } from '@jest/globals';
import { createFigures } from '../../../src/ops/figures.ts';
import { percentiles } from '../../../src/ops/samples.ts';

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
    for (const lagMs of [900, 10, 20]) figures.announced('T', { lagMs });
    expect(figures.snapshot().lagMs).toEqual({ p50: 10, p99: 20 });
  });

  it('tell tenants apart: what was announced, what was not, and how late', () => {
    const figures = createFigures();
    figures.announced('T', { lagMs: 5, delayMs: 70 });
    figures.announced('T', { lagMs: 7 });
    figures.lost('U', 3);
    expect(figures.snapshot().tenants).toEqual({
      T: { announced: 2, lost: 0, lagMs: { p50: 5, p99: 7 }, delayMs: { p50: 70, p99: 70 } },
      U: { announced: 0, lost: 3, lagMs: null, delayMs: null },
    });
  });
});
