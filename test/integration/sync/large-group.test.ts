import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.ts';
import { notified, openWorld, type World } from './world.ts';

const size = 5_000;

describe('a group of many members', () => {
  let world: World;
  let groupId: string;
  beforeAll(async () => {
    world = await openWorld('large', { users: 3, groups: 1 });
    groupId = world.directory.createGroup({ displayName: 'Devices' });
    for (let made = 0; made < size; made++) {
      world.directory.addMember(groupId, world.directory.createOther('device', {}));
    }
    await world.sync();
    await world.drain();
  });
  afterAll(() => world.close());

  const inGroup = (filter: object = {}) =>
    world.mirror.collections.memberships.countDocuments({ groupId, present: true, ...filter });

  it('holds members that are not mirrored themselves, by id and type', async () => {
    expect(await inGroup({ memberType: 'device' })).toBe(size);
  });

  it('costs at most 5 requests and as many writes as members came', async () => {
    const token = await world.mirror.drawToken(world.tenantId);
    const before = world.server.stats.requests;
    for (const type of ['servicePrincipal', 'orgContact'] as const) {
      world.directory.addMember(groupId, world.directory.createOther(type, {}));
    }
    await world.handle([notified('group', groupId)]);
    await until(async () => (await inGroup()) === size + 2);
    expect(world.server.stats.requests - before).toBeLessThanOrEqual(5);
    expect(await inGroup({ 'mirror.fence': { $gt: token } })).toBe(2);
  });
});
