import { describe, expect, it } from '@jest/globals';
import { Bucket, unitsOf } from '../../../../src/local/graph/http/throttle.ts';
import { handClock } from './hand-clock.ts';

describe('resource units', () => {
  it.each([
    [1, '', 1],
    [1, '$select=id', 1],
    [2, '', 2],
    [2, '$select=id', 1],
    [2, '$select=id&$expand=manager', 2],
    [3, '$select=id&$top=999', 2],
    [3, '$select=id&$top=10', 1],
    [5, '', 5],
  ])('of a base of %i with "%s" are %i', (base, query, units) => {
    expect(unitsOf(base, new URLSearchParams(query))).toBe(units);
  });
});

describe('a bucket', () => {
  it('gives until it is empty, tells how long to wait, and fills evenly', () => {
    const clock = handClock();
    const bucket = new Bucket(100, 10_000, clock);
    expect(bucket.take(90)).toEqual({ waitMs: 0 });
    expect(bucket.usedShare()).toBeCloseTo(0.9);
    expect(bucket.take(20)).toEqual({ waitMs: 1_000 });
    clock.move(1_000);
    expect(bucket.take(20)).toEqual({ waitMs: 0 });
    clock.move(60_000);
    expect(bucket.usedShare()).toBe(0);
  });
});
