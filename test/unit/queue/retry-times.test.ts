import { describe, expect, it } from '@jest/globals';
import { parkDelayMs, retryDelayMs } from '../../../src/queue/retry-times.ts';

const none = () => 0;
const most = () => 1;
const hour = 3_600_000;

describe('the retries of an object', () => {
  it('are twelve tries over about a day, further and further apart', () => {
    const waits: number[] = [];
    for (let attempts = 1; ; attempts += 1) {
      const wait = retryDelayMs(attempts, none);
      if (wait === undefined) break;
      waits.push(wait);
    }
    const sum = waits.reduce((total, wait) => total + wait, 0);
    expect(waits).toHaveLength(11);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(sum).toBeGreaterThan(23 * hour);
    expect(sum).toBeLessThan(25 * hour);
  });

  it('are spread, so that what failed together does not come back together', () => {
    expect(retryDelayMs(1, most)).toBe(12_000);
  });
});

describe('consistency 5.2: parking', () => {
  it.each([
    [0, 30_000],
    [1, 60_000],
    [4, 480_000],
    [5, 900_000],
    [5_000, 900_000],
  ])('after %i times lasts %i ms and some jitter', (parks, expected) => {
    expect(parkDelayMs(parks, none)).toBe(expected);
    expect(parkDelayMs(parks, most)).toBe(expected * 1.2);
  });
});
