import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../../../src/graph/cost.ts';
import { createGovernor, type Governor } from '../../../src/graph/governor.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { ManualClock } from './manual-clock.ts';

const seconds = 120;

/** Graph's side: a token bucket that holds the quota of 10 s, and says so from 80 % used on. */
function createQuota(clock: ManualClock, unitsPer10s: number) {
  let level = unitsPer10s;
  let filledAt = clock.now();
  return (units: number): Observation => {
    level = Math.min(unitsPer10s, level + ((clock.now() - filledAt) * unitsPer10s) / 10_000);
    filledAt = clock.now();
    if (level < units) return { throttled: 1, units: 0, retryAfterMs: 1_000 };
    level -= units;
    const limitShare = 1 - level / unitsPer10s;
    return { throttled: 0, units, ...(limitShare >= 0.8 ? { limitShare } : {}) };
  };
}

/** Eight requests under way, each followed by the next, until time is over. */
async function load(
  governors: Governor[],
  clock: ManualClock,
  quota: (units: number) => Observation,
) {
  const end = clock.now() + seconds * 1_000;
  const worker = async (governor: Governor): Promise<void> => {
    while (clock.now() < end) {
      const permit = await governor.acquire('notification', 20).catch(() => clock.sleep(1_000));
      if (!permit) continue;
      await clock.sleep(50);
      permit.settle(quota(20));
    }
  };
  for (const governor of governors)
    for (let count = 0; count < 8; count += 1) void worker(governor);
  await clock.advance(seconds * 1_000);
  const stats = governors.map((governor) => governor.stats());
  const sum = (of: 'units' | 'requests' | 'throttled') =>
    stats.reduce((total, each) => total + each[of], 0);
  return { units: sum('units'), throttled: sum('throttled') / sum('requests') };
}

describe('under load', () => {
  it('two processes of a tenant use 95 % of its quota and are not throttled', async () => {
    const clock = new ManualClock();
    const common = { tenantId: 't', clock, log: silentLog, unitsPer10s: 3_500, share: () => 0.5 };
    const governors = [createGovernor(common), createGovernor(common)];
    const { units, throttled } = await load(governors, clock, createQuota(clock, 3_500));
    expect(units / (seconds * 350)).toBeGreaterThan(0.93);
    expect(units / (seconds * 350)).toBeLessThan(1);
    expect(throttled).toBe(0);
  });

  it('a quota that was set too high is found out by what Graph says', async () => {
    const clock = new ManualClock();
    const common = { tenantId: 't', clock, log: silentLog, unitsPer10s: 8_000 };
    const { units, throttled } = await load(
      [createGovernor(common)],
      clock,
      createQuota(clock, 3_500),
    );
    expect(units / (seconds * 350)).toBeGreaterThan(0.8);
    expect(throttled).toBeLessThan(0.02);
  });
});
