import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createScheduler,
  type Scheduler,
  type SchedulerDeps,
} from '../../../src/sync/scheduler.ts';
import { until } from '../../support/until.ts';
import { openWorld, realGraph, type World } from './world.ts';

const often = { readerCheckMs: 50, renewalCheckMs: 50, sweepEveryMs: 60_000 };
const broken = '0a1b2c3d-0000-4000-8000-000000000002';

describe('the scheduler', () => {
  let world: World;
  let scheduler: Scheduler;
  let deps: SchedulerDeps;
  const renewed: string[] = [];
  beforeAll(async () => {
    world = await openWorld('scheduler', { timings: often });
    const second = world.server.addTenant(broken, { users: 5, groups: 1 });
    second.faults.forbidden = true;
    await world.mirror.tenants.connect(broken, {});
    const brokenGraph = realGraph(broken, world.server.url);
    const graphOf = (tenantId: string) => (tenantId === broken ? brokenGraph : world.graph);
    const renew = async (tenantId: string) => {
      renewed.push(tenantId);
      if (renewed.length < 3) throw new Error('the receiver cannot be reached yet');
    };
    const { reader } = world;
    const unsubscribe = async () => undefined;
    deps = { ...world.deps, graphOf, reader, renew, unsubscribe, lossThreshold: 0.01 };
    scheduler = createScheduler(deps);
    scheduler.start();
  });
  afterAll(async () => {
    await scheduler.close();
    await world.close();
  });

  const tenant = async (id: string) => (await world.mirror.tenants.find(id))!;

  it('takes a new tenant from subscribing to live, though its first renewal failed', async () => {
    const isLive = async () => (await tenant(world.tenantId)).phase === 'live';
    await until(isLive, { timeoutMs: 50_000 });
    expect(await world.differences()).toEqual([]);
    expect(renewed).toContain(world.tenantId);
  });

  it('says what to do about a broken tenant, which stalls nobody else', async () => {
    const { degraded, phase } = await until(async () => {
      const found = await tenant(broken);
      return found.degraded === undefined ? undefined : found;
    });
    expect(degraded).toMatch(/consent/);
    expect(phase).toBe('loading');
    expect((await tenant(world.tenantId)).degraded).toBeUndefined();
  });

  it('serves a request whose reader died before it came to it', async () => {
    const { groups, users } = world.directory.snapshot();
    const group = groups.at(-1)!.id;
    const someone = users.find(({ id }) => world.directory.addMember(group, id))!.id;
    await world.mirror.requestLease(`edges/${world.tenantId}`);
    await until(async () => {
      const key = { groupId: group, kind: 'member' as const, memberId: someone };
      return (await world.mirror.edgesOf(world.tenantId, [key]))[0]?.present;
    });
  });

  it('sweeps when it starts, since nobody may have been there before', async () => {
    const sweptAt = async () => (await world.mirror.checkpoint(world.tenantId, 'user'))?.sweptAt;
    const before = await sweptAt();
    const another = createScheduler({ ...deps, renew: async () => undefined });
    another.start();
    await until(async () => (await sweptAt())! > before!);
    await another.close();
  });

  it('lifts a counter that went back, and has everything read again', async () => {
    const { tenantId, mirror } = world;
    const before = await mirror.currentToken(tenantId);
    await mirror.collections.counters.updateOne({ _id: tenantId }, { $set: { value: 1 } });
    const another = createScheduler({ ...deps, renew: async () => undefined });
    another.start();
    await until(async () => (await mirror.checkpoint(tenantId, 'user'))?.pass?.cause === 'counter');
    await another.close();
    expect(await mirror.currentToken(tenantId)).toBeGreaterThanOrEqual(before);
  });

  it('goes on with renewals after one of them failed', async () => {
    await until(() => renewed.filter((id) => id === world.tenantId).length > 4);
  });
});
