import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Graph } from '../../../src/graph/types.ts';
import { syncType } from '../../../src/sync/sync-type.ts';
import { openWorld, type World } from './world.ts';

describe('a load (rule 2.2)', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('load');
  });
  afterAll(() => world.close());

  it('brings every user, group, membership and manager into an empty mirror', async () => {
    await world.sync();
    expect(await world.differences()).toEqual([]);
    const { users, memberships } = await world.mirror.counts(world.tenantId);
    expect(users.active).toBe(60);
    expect(memberships.member).toBeGreaterThan(8);
  });

  it('rests once it has swept, and asks Graph nothing then', async () => {
    const before = world.server.stats.requests;
    await world.sync();
    expect(world.server.stats.requests).toBe(before);
  });

  it('starts again for another set of properties', async () => {
    const graph: Graph = { ...world.graph, shape: 'another' };
    const deps = { ...world.deps, graphOf: () => graph };
    await syncType(deps, world.tenantId, 'user', { signal: new AbortController().signal });
    const checkpoint = await world.mirror.checkpoint(world.tenantId, 'user');
    expect(checkpoint).toMatchObject({ shape: 'another', pass: { cause: 'shape', stage: 'done' } });
  });

  it('has what it did not see again read directly, and takes nothing away by itself', async () => {
    const ghost = { type: 'user' as const, id: '99999999-0000-4000-8000-000000000000' };
    const properties = { displayName: 'Ghost' };
    await world.mirror.applyObjects(
      world.tenantId,
      [{ ...ghost, state: 'active', properties, managerId: null }],
      { token: await world.mirror.drawToken(world.tenantId), shape: world.graph.shape },
    );
    world.sent.length = 0;
    await world.mirror.requestPass(world.tenantId, 'user', 'requested');
    await world.sync();
    expect(world.sent.map(({ change }) => change.id)).toEqual([ghost.id]);
    const [held] = await world.mirror.currentOf(world.tenantId, [ghost]);
    expect(held!.mirror.state).toBe('active');
  });
});

describe('a load that is interrupted', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('interrupted', { users: 1_010, groups: 2 });
  });
  afterAll(() => world.close());

  it('goes on at the page after the last one that was written', async () => {
    const asked: (string | undefined)[] = [];
    const graph: Graph = {
      ...world.graph,
      listPage: (type, link, ...rest) => {
        asked.push(link);
        return world.graph.listPage(type, link, ...rest);
      },
    };
    const deps = { ...world.deps, graphOf: () => graph };
    const killed = new AbortController();
    const interrupted = syncType(deps, world.tenantId, 'user', {
      signal: killed.signal,
      onProgress: () => killed.abort(new Error('killed')),
    });
    await expect(interrupted).rejects.toThrow('killed');
    expect((await world.mirror.counts(world.tenantId)).users.active).toBe(999);

    asked.length = 0;
    const { signal } = new AbortController();
    await syncType({ ...deps, holder: 'another' }, world.tenantId, 'user', { signal });
    expect(asked).toEqual([expect.stringContaining('skiptoken')]);
    expect((await world.mirror.counts(world.tenantId)).users.active).toBe(1_010);
  });
});
