import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { syncType } from '../../../src/sync/sync-type.ts';
import { openWorld, type World } from './world.ts';

describe('a load', () => {
  let world: World;
  beforeAll(async () => (world = await openWorld('load')));
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
});
