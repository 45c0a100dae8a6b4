import { describe, expect, it } from '@jest/globals';
import {
  decide,
  fullBudget,
  hearShare,
  pause,
  rateOf,
  refill,
  spend,
  type Budget,
} from '../../../src/graph/budget.ts';

const rate = rateOf(10_000, 1, 1);
const full = fullBudget(0, rate);

describe('the rate', () => {
  it('keeps any 10 s within the quota, burst included', () => {
    expect(rate.perSecond).toBe(970);
    expect(rate.burst).toBeCloseTo(300);
    expect(rate.perSecond * 10 + rate.burst).toBeLessThanOrEqual(10_000);
  });

  it.each([
    [0.5, 485],
    [0, 0],
    [-1, 0],
    [7, 970],
    [0.25, 242.5],
  ])('of a process with the share %d is %d units a second', (share, perSecond) => {
    expect(rateOf(10_000, share, 1).perSecond).toBe(perSecond);
  });

  it('lets one batch go at once, however small the share', () => {
    expect(rateOf(100, 0.1, 1).burst).toBe(20);
  });
});

describe('who goes next', () => {
  it.each([
    [{ audit: 1, sweep: 1, onDemand: 1, notification: 1 }, 'notification'],
    [{ audit: 1, sweep: 1, onDemand: 1 }, 'onDemand'],
    [{ audit: 1, sweep: 1 }, 'sweep'],
    [{ audit: 1 }, 'audit'],
  ])('of %j is %s', (heads, lane) => {
    expect(decide(full, heads, rate)).toEqual({ lane });
  });

  it('is a lower lane whose floor is due', () => {
    const credit = { sweep: 20, audit: 0 };
    const budget: Budget = { ...full, credit };
    expect(decide(budget, { notification: 20, sweep: 20, audit: 1 }, rate)).toEqual({
      lane: 'sweep',
    });
    expect(decide(spend(budget, 'sweep', 20), { notification: 20, sweep: 20 }, rate)).toEqual({
      lane: 'notification',
    });
  });

  it('is nobody until there are units enough for the first, even if a later one needs fewer', () => {
    const poor: Budget = { ...full, units: 5 };
    expect(decide(poor, { notification: 24, sweep: 1 }, rate)).toEqual({ waitMs: 20 });
  });

  it('is nobody during a pause', () => {
    expect(decide(pause(full, 7_000), { notification: 1 }, rate)).toEqual({ waitMs: 7_000 });
  });

  it('may go into debt for a request larger than any burst', () => {
    expect(decide(full, { sweep: 5_000 }, rate)).toEqual({ lane: 'sweep' });
    expect(spend(full, 'sweep', 5_000).units).toBeCloseTo(-4_700);
  });
});

describe('a flood of notifications', () => {
  it('leaves sweeps a tenth and audits a fiftieth', () => {
    const heads = { notification: 20, onDemand: 20, sweep: 20, audit: 2 };
    const spent = { notification: 0, onDemand: 0, sweep: 0, audit: 0 };
    let budget = full;
    for (let now = 0; now < 20_000; now += 10) {
      budget = refill(budget, now, rate);
      let next = decide(budget, heads, rate);
      while ('lane' in next) {
        budget = spend(budget, next.lane, heads[next.lane]);
        spent[next.lane] += heads[next.lane];
        next = decide(budget, heads, rate);
      }
    }
    const total = spent.notification + spent.sweep + spent.audit;
    expect(spent.onDemand).toBe(0);
    expect(spent.sweep / total).toBeCloseTo(0.1, 2);
    expect(spent.audit / total).toBeCloseTo(0.02, 2);
    expect(total).toBeGreaterThan(18_900);
    expect(total).toBeLessThanOrEqual(20_000);
  });
});

describe('what Graph says', () => {
  it('lowers the pace above 97 % of the limit, back to that', () => {
    expect(hearShare(full, 0.97).pace).toBe(1);
    expect(hearShare(full, 1.94).pace).toBeCloseTo(0.5);
    expect(hearShare({ ...full, pace: 0.1 }, 1.8).pace).toBe(0.1);
  });

  it('is heard once a second, since many answers say the same', () => {
    const slowed = hearShare(hearShare(full, 1.94), 1.94);
    expect(slowed.pace).toBeCloseTo(0.5);
    expect(hearShare({ ...slowed, at: 1_000 }, 1.94).pace).toBeCloseTo(0.25);
  });

  it('empties the budget when it throttles, and lowers the pace once a pause', () => {
    const paused = pause(pause(full, 5_000), 2_000);
    expect(paused).toMatchObject({ units: 0, pausedUntil: 5_000, pace: 0.9 });
  });

  it('never slows us below half by throttling alone, since that may come below the limit', () => {
    let budget = full;
    for (let now = 0; now < 20; now += 1) budget = pause({ ...budget, at: now * 10 }, 5);
    expect(budget.pace).toBe(0.5);
    expect(pause({ ...full, pace: 0.2 }, 5).pace).toBe(0.2);
  });

  it('is forgotten in time', () => {
    const later = refill(pause(full, 1_000), 30_000, rate);
    expect(later).toMatchObject({ units: rate.burst, pace: 1 });
    expect(refill(pause(full, 1_000), 5_000, rate).pace).toBeCloseTo(0.95);
  });

  it('does not fill the bucket beyond a burst, nor take what is there when the share falls', () => {
    expect(refill(full, 60_000, rate).units).toBeCloseTo(300);
    expect(refill(full, 1, rateOf(10_000, 0.1, 1)).units).toBeCloseTo(300);
  });
});
