import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.ts';
import { notified, openWorld, type World } from './world.ts';

const window = 400;

describe('handling changes', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('handle', { timings: { replicationMs: window } });
    await world.sync();
  });
  afterAll(() => world.close());

  const stored = async (id: string) =>
    (await world.mirror.currentOf(world.tenantId, [{ type: 'user', id }]))[0];
  const anyone = () => world.directory.snapshot().users.find(({ state }) => state === 'active')!.id;
  const handleOne = async (change: Parameters<World['handle']>[0][number]) =>
    (await world.handle([change]))[0]!;

  it('brings a change of a person into the mirror and counts its lag', async () => {
    const id = anyone();
    world.directory.updateUser(id, { jobTitle: 'Astronaut' });
    expect(await handleOne(notified('user', id))).toEqual({ kind: 'done' });
    expect(await stored(id)).toMatchObject({ jobTitle: 'Astronaut' });
    expect(world.deps.figures.snapshot().lagMs).not.toBeNull();
  });

  it('changes nothing when a worker was killed between write and settlement and all is repeated', async () => {
    const id = anyone();
    world.directory.updateUser(id, { jobTitle: 'Diver' });
    const change = notified('user', id);
    await handleOne(change);
    const first = await stored(id);
    expect(await handleOne(change)).toEqual({ kind: 'done' });
    const again = await stored(id);
    expect(again!.mirror.revision).toBe(first!.mirror.revision);
    expect(again!.mirror.changedAt).toEqual(first!.mirror.changedAt);
    expect(again!.mirror.fence).toBeGreaterThan(first!.mirror.fence);
    world.sent.length = 0;
  });

  it('buries a deleted person softly, and a restore brings the person back with every group', async () => {
    const { groupId, memberId } = world.directory
      .snapshot()
      .memberships.find(({ kind, memberType }) => kind === 'member' && memberType === 'user')!;
    world.directory.deleteUser(memberId);
    await handleOne(notified('user', memberId));
    expect((await stored(memberId))!.mirror.state).toBe('softDeleted');

    world.directory.restore(memberId);
    await handleOne(notified('user', memberId));
    const key = { groupId, kind: 'member' as const, memberId };
    await until(async () => {
      const [edge] = await world.mirror.edgesOf(world.tenantId, [key]);
      return edge?.present && (await stored(memberId))?.mirror.edgesDue?.looks === 1;
    });
    await world.drain();
    expect(await world.differences()).toEqual([]);
  });

  it('purges on an announced deletion that a read confirms, and ends the memberships', async () => {
    const id = anyone();
    world.directory.deleteUser(id);
    world.directory.purge(id);
    await handleOne(notified('user', id, 'deleted'));
    expect((await stored(id))!.mirror).toMatchObject({ state: 'purged' });
    await world.reader.request(world.tenantId);
    await until(async () => {
      await world.drain();
      return (await world.differences()).filter((line) => line.includes('edge')).length === 0;
    });
  });

  it('takes an object that was never seen for a late one first, and buries it after the window', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const first = await handleOne(notified('user', id));
    expect(first).toMatchObject({ kind: 'retry', reason: 'missing' });
    expect(await stored(id)).toBeUndefined();

    const change = (first as { change: ReturnType<typeof notified> }).change;
    await until(() => Date.now() - Date.parse(change.missingSince!) >= window);
    expect(await handleOne(change)).toEqual({ kind: 'done' });
    expect((await stored(id))!.mirror.state).toBe('purged');
  });

  it('is done with a hint, without a read, when its object has been read since', async () => {
    const id = anyone();
    const sentAtFence = (await stored(id))!.mirror.fence - 1;
    const before = world.server.stats.requests;
    const hint = { ...notified('user', id), origin: 'hint' as const, sentAtFence };
    expect(await handleOne(hint)).toEqual({ kind: 'done' });
    expect(world.server.stats.requests).toBe(before);
  });

  it('parks what it holds while Graph refuses the tenant, says what to do, and recovers', async () => {
    const id = anyone();
    world.server.faults.forbidden = true;
    expect(await handleOne(notified('user', id))).toMatchObject({ kind: 'park' });
    expect((await world.mirror.tenants.find(world.tenantId))!.degraded).toMatch(/consent/);

    world.server.faults.forbidden = false;
    expect(await handleOne(notified('user', id))).toEqual({ kind: 'done' });
    expect((await world.mirror.tenants.find(world.tenantId))!.degraded).toBeUndefined();
  });

  it('is done at once with what belongs to a paused tenant or to none', async () => {
    await world.mirror.tenants.setState(world.tenantId, 'paused');
    const before = world.server.stats.requests;
    expect(await handleOne(notified('user', anyone()))).toEqual({ kind: 'done' });
    expect(world.server.stats.requests).toBe(before);
    await world.mirror.tenants.setState(world.tenantId, 'served');
  });
});
