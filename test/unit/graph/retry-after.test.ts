import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from '../../../src/graph/retry-after.ts';

const now = Date.parse('2026-11-20T10:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['7', 7_000],
    [' 12 ', 12_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
    ['Friday, 20-Nov-26 10:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['999999999', 3_600_000],
    ['Sat, 20 Nov 2027 10:00:00 GMT', 3_600_000],
  ])('%j asks for %d ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });

  it.each([[undefined], [''], ['soon'], ['-5'], ['NaN'], ['1 apple'], ['Fri, 99 Foo 2026']])(
    '%j says nothing',
    (header) => {
      expect(retryAfterMs(header, now)).toBeUndefined();
    },
  );
});
