import { describe, expect, it } from '@jest/globals';
import { createRate } from '../../../src/scim/http/rate.ts';
import { createRefusals } from '../../../src/scim/http/refusals.ts';

/** Sleeps are noted and over at once; time goes on only where a test says so. */
function noting() {
  const slept: number[] = [];
  let ms = 0;
  const sleep = async (forMs: number) => void slept.push(forMs);
  return { slept, pass: (by: number) => (ms += by), clock: { now: () => ms, sleep } };
}

describe('the limit of a connection', () => {
  it('lets a burst pass, then delays, and refuses only what would wait too long', async () => {
    const { slept, pass, clock } = noting();
    const rate = createRate(clock, { perSecond: 10, burst: 3, maxWaitMs: 200 });
    const enter = () => rate.enter('acme');
    expect([await enter(), await enter(), await enter()]).toEqual(['in', 'in', 'in']);
    expect(slept).toEqual([]);
    expect([await enter(), await enter()]).toEqual(['in', 'in']);
    expect(slept).toEqual([100, 200]);
    expect(await enter()).toBe(300);
    expect(await rate.enter('other')).toBe('in');
    pass(1_000);
    expect(await enter()).toBe('in');
  });
});

describe('wrong secrets', () => {
  it('are refused at once at first, then later and later', async () => {
    const { slept, clock } = noting();
    const refusals = createRefusals(clock, { free: 2, stepMs: 100, maxDelayMs: 250 });
    for (let tries = 0; tries < 6; tries++) expect(await refusals.wait('acme 1')).toBe(true);
    expect(slept).toEqual([100, 200, 250, 250]);
    await refusals.wait('acme 2');
    expect(slept).toHaveLength(4);
  });

  it('are forgotten after a while without any', async () => {
    const { slept, pass, clock } = noting();
    const refusals = createRefusals(clock, { free: 1, stepMs: 100, forgetMs: 1_000 });
    await refusals.wait('acme');
    await refusals.wait('acme');
    pass(1_000);
    await refusals.wait('acme');
    expect(slept).toEqual([100]);
  });

  it('do not pile up: past a number that wait, the next is turned away', async () => {
    const sleep = () => new Promise<void>(() => undefined);
    const refusals = createRefusals({ now: () => 0, sleep }, { free: 0, maxWaiting: 2 });
    void refusals.wait('acme');
    void refusals.wait('acme');
    expect(await refusals.wait('acme')).toBe(false);
  });

  it('of many strangers take no more memory than of ten thousand', async () => {
    const { slept, clock } = noting();
    const refusals = createRefusals(clock, { free: 1, stepMs: 100 });
    await refusals.wait('first');
    for (let stranger = 0; stranger < 10_000; stranger++) await refusals.wait(String(stranger));
    await refusals.wait('first');
    expect(slept).toEqual([]);
    await refusals.wait('first');
    expect(slept).toEqual([100]);
  });
});
