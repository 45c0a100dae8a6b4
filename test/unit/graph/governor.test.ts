import { describe, expect, it } from '@jest/globals';
import { createGovernor, type GovernorOptions } from '../../../src/graph/governor.ts';
import type { Permit } from '../../../src/graph/waiting-room.ts';
import type { Lane } from '../../../src/graph/types.ts';
import { ThrottledError } from '../../../src/ops/errors.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { ManualClock } from './manual-clock.ts';

function setUp(options: Partial<GovernorOptions> = {}) {
  const clock = new ManualClock();
  const governor = createGovernor({
    ...{ tenantId: 't', clock, log: silentLog, unitsPer10s: () => 1_000 },
    ...options,
  });
  const granted: Lane[] = [];
  const refused: unknown[] = [];
  const permits: Permit[] = [];
  const ask = (lane: Lane, units = 10, signal?: AbortSignal) => {
    governor.acquire(lane, units, signal).then(
      (permit) => {
        granted.push(lane);
        permits.push(permit);
      },
      (error: unknown) => refused.push(error),
    );
  };
  return { clock, governor, ask, granted, refused, permits };
}

describe('the governor of a tenant', () => {
  it('grants at once what the budget holds, then at the pace of the quota', async () => {
    const { clock, ask, granted } = setUp();
    for (let count = 0; count < 30; count += 1) ask('notification');
    await clock.advance(1);
    expect(granted).toHaveLength(3);
    await clock.advance(1_000);
    expect(granted).toHaveLength(12);
  });

  it('lets a late notification pass those who wait below it', async () => {
    const { clock, ask, granted } = setUp();
    ask('audit', 50);
    for (const lane of ['audit', 'onDemand', 'notification'] as const) ask(lane, 50);
    await clock.advance(3_000);
    expect(granted).toEqual(['audit', 'notification', 'onDemand', 'audit']);
  });

  it('has no more requests under way than it may', async () => {
    const { clock, ask, granted, permits, governor } = setUp({ maxUnderWay: 2 });
    for (let count = 0; count < 3; count += 1) ask('sweep', 1);
    await clock.advance(1_000);
    expect(granted).toHaveLength(2);
    permits[0]?.settle();
    permits[0]?.settle();
    await clock.advance(1);
    expect(granted).toHaveLength(3);
    expect(governor.stats()).toMatchObject({ requests: 3, units: 1, underWay: 2, waiting: 0 });
  });

  it('counts what Graph counted, not what was expected', async () => {
    const { clock, ask, permits, governor, granted } = setUp();
    ask('sweep', 30);
    await clock.advance(1);
    permits[0]?.settle({ units: 10, throttled: 0 });
    ask('sweep', 20);
    await clock.advance(1);
    expect(granted).toHaveLength(2);
    expect(governor.stats().units).toBe(10);
  });

  it('makes every lane wait for what one was told', async () => {
    const { clock, ask, permits, granted, governor } = setUp();
    ask('audit');
    await clock.advance(1);
    permits[0]?.settle({ throttled: 1, retryAfterMs: 5_000 });
    ask('notification');
    await clock.advance(4_900);
    expect(granted).toEqual(['audit']);
    await clock.advance(1_000);
    expect(granted).toEqual(['audit', 'notification']);
    expect(governor.stats()).toMatchObject({ throttled: 1 });
  });

  it('turns away at once those whom a pause outlasts, saying how long it is', async () => {
    const { clock, ask, permits, refused } = setUp();
    ask('audit');
    ask('sweep', 500);
    await clock.advance(1);
    permits[0]?.settle({ throttled: 1, retryAfterMs: 60_000 });
    ask('notification');
    await clock.advance(1);
    expect(refused).toHaveLength(2);
    for (const error of refused) {
      expect(error).toBeInstanceOf(ThrottledError);
      expect(error).toMatchObject({ retryAfterMs: 60_000 });
    }
  });

  it('turns away those who waited for the bound', async () => {
    const { clock, ask, refused, governor } = setUp({ maxWaitMs: 2_000 });
    ask('notification', 5_000);
    ask('notification', 10);
    await clock.advance(1_900);
    expect(refused).toHaveLength(0);
    await clock.advance(200);
    expect(refused).toMatchObject([{ name: 'ThrottledError' }]);
    expect(governor.stats().waiting).toBe(0);
  });

  it('forgets who gives up', async () => {
    const { clock, ask, refused, granted, governor } = setUp();
    const controller = new AbortController();
    ask('sweep', 500);
    ask('sweep', 10, controller.signal);
    controller.abort(new Error('stopped'));
    await clock.advance(1);
    expect(refused).toMatchObject([{ message: 'stopped' }]);
    expect(governor.stats().waiting).toBe(0);
    expect(granted).toEqual(['sweep']);
    ask('sweep', 1, controller.signal);
    await clock.advance(1);
    expect(refused).toHaveLength(2);
  });

  it('spends only its share of the quota, which may change while others wait', async () => {
    let share = 0;
    const { clock, ask, granted } = setUp({ share: () => share });
    for (let count = 0; count < 40; count += 1) ask('sweep');
    await clock.advance(5_000);
    expect(granted).toHaveLength(2);
    share = 0.5;
    await clock.advance(3_000);
    expect(granted.length).toBeGreaterThan(10);
    expect(granted.length).toBeLessThan(20);
  });
});
