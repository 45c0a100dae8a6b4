import { describe, expect, it } from '@jest/globals';
import { sweepStart, thinLinks } from '../../../src/mirror/links.ts';

const minute = 60_000;
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 2) + minutes * minute);
const link = (minutes: number) => ({ link: `l${minutes}`, at: at(minutes) });
const names = (links: { link: string }[]) => links.map((each) => each.link);

describe('links are thinned', () => {
  const cases = [
    { what: 'to one in five minutes and the newest', links: [0, 1, 4, 5, 7], kept: [0, 5, 7] },
    { what: 'never below the newest', links: [0], sweptAt: 9_999, kept: [0] },
    {
      what: 'by a day from the last finished sweep',
      links: [0, 60, 1_500],
      sweptAt: 1_490,
      kept: [60, 1_500],
    },
    { what: 'not by age before any sweep has finished', links: [0, 5_000], kept: [0, 5_000] },
    { what: 'to nothing where there is none', links: [], kept: [] },
  ];
  it.each(cases)('$what', ({ links, sweptAt, kept }) => {
    const swept = sweptAt === undefined ? undefined : at(sweptAt);
    const thinned = thinLinks(links.map(link), swept, {
      keepMs: 24 * 60 * minute,
      spacingMs: 5 * minute,
    });
    expect(names(thinned)).toEqual(names(kept.map(link)));
  });
});

describe('rule 2.1: a sweep starts from', () => {
  const overlapMs = 15 * minute;
  const start = (links: number[], sweptAt?: number) =>
    sweepStart(links.map(link), sweptAt === undefined ? undefined : at(sweptAt), overlapMs)?.link;

  it('the newest link received 15 minutes or more before the last finished sweep began', () => {
    expect(start([0, 10, 20, 30], 35)).toBe('l20');
    expect(start([0, 10, 20, 30], 34.99)).toBe('l10');
  });
  it('the oldest link where none is that old', () => {
    expect(start([10, 20, 30], 20)).toBe('l10');
  });
  it('the oldest link before any sweep has finished', () => {
    expect(start([10, 20])).toBe('l10');
  });
  it('nowhere where there is no link', () => {
    expect(start([], 20)).toBeUndefined();
  });
});
