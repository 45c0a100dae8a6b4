import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditWhenDue } from '../../../src/sync/audit/scheduled.ts';
import { openWorld, type World } from './world.ts';

describe('the audit of the scheduler', () => {
  let world: World;
  beforeAll(async () => {
    const timings = { replicationMs: 10, auditEveryMs: 0 };
    world = await openWorld('scheduled-audit', { users: 12, groups: 3, timings });
    await world.sync();
  });
  afterAll(() => world.close());

  const { signal } = new AbortController();
  const id = () => world.directory.snapshot().users[0]!.id;
  const result = () => world.mirror.lastAudit(world.tenantId);

  it('is not due before its time, counted from the connection of the tenant', async () => {
    const deps = { ...world.deps, timings: { ...world.deps.timings, auditEveryMs: 60_000 } };
    await auditWhenDue(deps, world.tenantId, signal);
    expect(await result()).toBeUndefined();
  });

  it('leaves no result where it is cut off, so that the next turn begins again', async () => {
    const dying = new AbortController();
    const graph = {
      ...world.graph,
      edgePages: () => {
        dying.abort(new Error('killed'));
        return Promise.reject(new Error('killed'));
      },
    };
    const deps = { ...world.deps, graphOf: () => graph };
    await expect(auditWhenDue(deps, world.tenantId, dying.signal)).rejects.toThrow('killed');
    expect(await result()).toBeUndefined();
  });

  it('does nothing while another process is at it', async () => {
    const lease = await world.mirror.acquireLease(`audit/${world.tenantId}`, 'another', 60_000);
    await auditWhenDue(world.deps, world.tenantId, signal);
    expect(await result()).toBeUndefined();
    await world.mirror.releaseLease(lease!);
  });

  it('hands what differs to the queue and keeps its result', async () => {
    const { user } = world.mirror.collections.objects;
    await user.updateOne({ id: id() }, { $set: { jobTitle: 'Impostor' } });
    world.sent.length = 0;
    await auditWhenDue(world.deps, world.tenantId, signal);
    expect(await result()).toMatchObject({ differences: 1, repaired: true });
    expect(world.sent.map(({ change }) => change)).toMatchObject([{ id: id(), origin: 'hint' }]);
    await world.drain();
    expect(await world.differences()).toEqual([]);
    await auditWhenDue(world.deps, world.tenantId, signal);
    expect(await result()).toMatchObject({ differences: 0, repaired: false });
  });
});
