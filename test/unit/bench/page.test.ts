import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { chart, scale } from '../../../bench/support/chart.ts';
import { curvesOf, writeTables } from '../../../bench/support/markdown.ts';
import type { Run } from '../../../bench/support/print.ts';
import { figure } from '../../../bench/support/result.ts';

const run: Run = {
  ...{ bench: 'growth', sizes: { least: 100 }, seconds: 3, missed: 0, targets: [], notes: ['So.'] },
  machine: { at: '2026-11-29T22:00', node: 'v20', cpu: 'CPU', cores: 2, memoryGiB: 8, load: 9 },
  figures: [
    figure('load, 100 people', 'ms', [40]),
    figure('load, 1000 people', 'ms', [400]),
    figure('memory, 100 people', 'MiB', [90]),
  ],
};

describe('the page on performance', () => {
  it('gets the tables of a run in their place, twice the same as once', () => {
    const page = 'Before.\n<!-- growth -->\nold\n<!-- /growth -->\nAfter.\n';
    const written = writeTables(page, [run]);
    expect(written).toMatch(/^Before\.\n<!-- growth -->\n/);
    expect(written).toMatch(/<!-- \/growth -->\nAfter\.\n$/);
    expect(written).toMatch(/\| load, 1000 people +\| 400 ms +\|/);
    expect(written).not.toContain('old');
    expect(writeTables(written, [run])).toBe(written);
  });

  it('says so where the machine was not idle', () => {
    const page = '<!-- growth --><!-- /growth -->';
    expect(writeTables(page, [run])).toContain('the machine was not idle');
    const idle = { ...run, machine: { ...run.machine, load: 1 } };
    expect(writeTables(page, [idle])).not.toContain('the machine was not idle');
  });

  it('has a place for every benchmark', () => {
    const page = readFileSync('docs/performance.md', 'utf8');
    const names = [
      'receive',
      'storm',
      'load',
      'lag',
      'quota',
      'recover',
      'audit',
      'scim',
      'growth',
    ];
    const runs = names.map((bench) => ({ ...run, bench }));
    expect(() => writeTables(page, runs)).not.toThrow();
  });
});

describe('the picture of growth', () => {
  it('draws a curve for each cost in milliseconds', () => {
    const curves = curvesOf(run);
    expect(curves).toEqual([
      {
        name: 'load',
        points: [
          { x: 100, y: 40 },
          { x: 1_000, y: 400 },
        ],
      },
    ]);
    expect(chart(curves, { x: 'people', y: 'ms' })).toContain('<polyline points=');
  });

  it('has logarithmic axes, so that what grows with the size is straight', () => {
    const { at, ticks } = scale([10, 1_000], 0, 100);
    expect(ticks).toEqual([10, 100, 1_000]);
    expect([10, 100, 1_000].map(at)).toEqual([0, 50, 100]);
  });
});
