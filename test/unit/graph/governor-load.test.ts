import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../../../src/graph/cost.ts';
import { createGovernor, type Governor } from '../../../src/graph/governor.ts';
import { createShares, type Demands } from '../../../src/graph/shares.ts';
import type { Lane } from '../../../src/graph/types.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { percentiles } from '../../../src/ops/samples.ts';
import { ManualClock } from './manual-clock.ts';

const seconds = 60;
const unitsPer10s = 3_500;

/** Graph's side: a token bucket that holds the quota of 10 s, and says so from 80 % used on. */
function createQuota(clock: ManualClock, capacity: number) {
  let level = capacity;
  let filledAt = clock.now();
  return (units: number): Observation => {
    level = Math.min(capacity, level + ((clock.now() - filledAt) * capacity) / 10_000);
    filledAt = clock.now();
    if (level < units) return { throttled: 1, units: 0, retryAfterMs: 1_000 };
    level -= units;
    const limitShare = 1 - level / capacity;
    return { throttled: 0, units, ...(limitShare >= 0.8 ? { limitShare } : {}) };
  };
}
type Quota = ReturnType<typeof createQuota>;

/** Processes that share the budget of one tenant as they do over MongoDB. */
async function startProcesses(clock: ManualClock, count: number) {
  const told = new Map<number, Demands>();
  const processes = Array.from({ length: count }, (_, self) => {
    const shares = createShares({
      exchange: async (own) => {
        if (own) told.set(self, own);
        return [...told].filter(([other]) => other !== self).map(([, demands]) => demands);
      },
      ...{ clock, log: silentLog },
    });
    const governor = createGovernor({
      ...{ tenantId: 't', clock, log: silentLog },
      ...{ unitsPer10s: () => unitsPer10s, share: () => shares.of('t') },
    });
    shares.follow('t', governor);
    return { governor, shares };
  });
  await Promise.all(processes.map(({ shares }) => shares.start()));
  return processes.map(({ governor }) => governor);
}

/** Eight requests under way, each followed by the next, until time is over. */
function keepBusy(governor: Governor, lane: Lane, clock: ManualClock, quota: Quota) {
  const end = clock.now() + seconds * 1_000;
  const worker = async (): Promise<void> => {
    while (clock.now() < end) {
      const permit = await governor.acquire(lane, 20).catch(() => clock.sleep(1_000));
      if (!permit) continue;
      await clock.sleep(50);
      permit.settle(quota(20));
    }
  };
  for (let count = 0; count < 8; count += 1) void worker();
}

function totals(governors: readonly Governor[]) {
  const stats = governors.map((governor) => governor.stats());
  const sum = (of: 'units' | 'requests' | 'throttled') =>
    stats.reduce((total, each) => total + each[of], 0);
  return {
    used: sum('units') / ((seconds * unitsPer10s) / 10),
    throttled: sum('throttled') / sum('requests'),
  };
}

describe('under load', () => {
  it('two workers and a scheduler together use 95 % of the quota and are not throttled', async () => {
    const clock = new ManualClock();
    const quota = createQuota(clock, unitsPer10s);
    const governors = await startProcesses(clock, 3);
    governors.forEach((governor, index) =>
      keepBusy(governor, index === 2 ? 'sweep' : 'notification', clock, quota),
    );
    await clock.advance(seconds * 1_000);
    const { used, throttled } = totals(governors);
    expect(used).toBeGreaterThanOrEqual(0.95);
    expect(throttled).toBeLessThanOrEqual(0.001);
  });

  it('one process uses what idle ones leave', async () => {
    const clock = new ManualClock();
    const governors = await startProcesses(clock, 3);
    keepBusy(governors[0]!, 'sweep', clock, createQuota(clock, unitsPer10s));
    await clock.advance(seconds * 1_000);
    expect(totals(governors).used).toBeGreaterThanOrEqual(0.95);
    expect(totals(governors).throttled).toBe(0);
  });

  it('load that comes and goes among processes is not throttled', async () => {
    const clock = new ManualClock();
    const quota = createQuota(clock, unitsPer10s);
    const governors = await startProcesses(clock, 3);
    keepBusy(governors[0]!, 'sweep', clock, quota);
    const bursts = async (governor: Governor, everyMs: number) => {
      for (let passed = 0; passed < seconds * 1_000; passed += everyMs) {
        for (let count = 0; count < 25; count += 1)
          void governor.acquire('notification', 20).then((permit) => permit.settle(quota(20)));
        await clock.sleep(everyMs);
      }
    };
    void bursts(governors[1]!, 7_000);
    void bursts(governors[2]!, 4_300);
    await clock.advance(seconds * 1_000);
    const { used, throttled } = totals(governors);
    expect(throttled).toBeLessThanOrEqual(0.001);
    expect(used).toBeGreaterThanOrEqual(0.93);
  });

  it('a sweep elsewhere raises the lag of a steady stream of notifications by less than 20 %', async () => {
    const lagOf = async (sweeps: boolean) => {
      const clock = new ManualClock();
      const quota = createQuota(clock, unitsPer10s);
      const [worker, scheduler] = await startProcesses(clock, 2);
      if (sweeps) keepBusy(scheduler!, 'sweep', clock, quota);
      const lags: number[] = [];
      const notify = async () => {
        const from = clock.now();
        const permit = await worker!.acquire('notification', 5);
        await clock.sleep(50);
        permit.settle(quota(5));
        lags.push(clock.now() - from);
      };
      void (async () => {
        for (let count = 0; count < seconds * 20; count += 1) {
          void notify();
          await clock.sleep(50);
        }
      })();
      await clock.advance(seconds * 1_000);
      return percentiles(lags)!;
    };
    const [alone, beside] = [await lagOf(false), await lagOf(true)];
    expect(beside.p50).toBeLessThan(alone.p50 * 1.2);
    expect(beside.p99).toBeLessThan(alone.p99 * 1.2);
  });

  it('a quota that was set too high is found out by what Graph says', async () => {
    const clock = new ManualClock();
    const governor = createGovernor({
      ...{ tenantId: 't', clock, log: silentLog, unitsPer10s: () => 8_000 },
    });
    keepBusy(governor, 'notification', clock, createQuota(clock, unitsPer10s));
    await clock.advance(seconds * 1_000);
    const { used, throttled } = totals([governor]);
    expect(used).toBeGreaterThan(0.8);
    expect(throttled).toBeLessThan(0.02);
  });
});
