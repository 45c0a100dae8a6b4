import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.ts';
import { notified, openWorld, type World } from './world.ts';

const window = 300;

describe('memberships', () => {
  let world: World;
  let groupId: string;
  let stranger: string;
  beforeAll(async () => {
    world = await openWorld('memberships', { timings: { replicationMs: window } });
    await world.sync();
    const { groups, users, memberships } = world.directory.snapshot();
    const inside = (id: string) =>
      new Set(memberships.filter((one) => one.groupId === id).map(({ memberId }) => memberId));
    groupId = groups.find(({ id }) => inside(id).size < users.length / 2)!.id;
    stranger = users.find(({ id }) => !inside(groupId).has(id))!.id;
  });
  afterAll(() => world.close());

  const edge = async (kind: 'member' | 'owner' = 'member') =>
    (await world.mirror.edgesOf(world.tenantId, [{ groupId, kind, memberId: stranger }]))[0];

  it('follow a notification of their group within a round, for few requests', async () => {
    world.directory.addMember(groupId, stranger);
    const before = world.server.stats.requests;
    await world.handle([notified('group', groupId)]);
    expect(await until(async () => (await edge())?.present)).toBe(true);
    expect(world.server.stats.requests - before).toBeLessThanOrEqual(5);
  });

  it('end when a quick round shows that the member was removed', async () => {
    world.directory.addOwner(groupId, stranger);
    world.directory.removeMember(groupId, stranger);
    await world.handle([notified('group', groupId)]);
    await until(async () => (await edge())?.present === false && (await edge('owner'))?.present);
    expect((await edge())!.until).toBeInstanceOf(Date);
  });

  it('are all of them applied though many requests come during one round', async () => {
    const ids = world.directory.snapshot().groups.map(({ id }) => id);
    await Promise.all(
      ids.map(async (id) => {
        const changed = world.directory.addMember(id, stranger);
        if (changed) await world.handle([notified('group', id)]);
      }),
    );
    await until(async () => (await world.differences()).length === 0);
  });

  it('of a group that a replay contradicts are enumerated, and end after the second look only (rule 3.2)', async () => {
    world.directory.removeMember(groupId, stranger);
    await world.handle([notified('group', groupId)]);
    await until(async () => (await edge())?.present === false);
    await world.mongo.db
      .collection('memberships')
      .updateOne({ groupId, kind: 'member', memberId: stranger }, { $set: { present: true } });

    const begun = Date.now();
    await world.mirror.requestSweep(world.tenantId);
    await world.sync();
    await until(async () => {
      await world.reader.serve(world.tenantId);
      return (await edge())?.present === false;
    });
    const endedAt = (await edge())?.mirror.changedAt.getTime();
    expect(endedAt).toBeGreaterThanOrEqual(begun + world.deps.timings.replicationMs);
    expect(await world.differences()).toEqual([]);
  });

  it('of a purged group end with it', async () => {
    world.directory.deleteGroup(groupId);
    world.directory.purge(groupId);
    await world.handle([notified('group', groupId, 'deleted')]);
    await until(async () => (await world.differences()).length === 0);
  });
});
