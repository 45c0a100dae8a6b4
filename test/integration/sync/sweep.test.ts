import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.ts';
import { notified, openWorld, type World } from './world.ts';

describe('a sweep (rule 2.1)', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('sweep');
    await world.sync();
  });
  afterAll(() => world.close());

  const sweepNow = async () => {
    await world.mirror.requestSweep(world.tenantId);
    await world.sync();
  };

  it('finds what no notification announced and has it read whole', async () => {
    const [first, , third] = world.directory.snapshot().users;
    world.directory.updateUser(first!.id, { city: 'Atlantis' });
    const led = world.directory.snapshot().managers.find((one) => one.userId !== third!.id)!.userId;
    world.directory.clearManager(led);
    world.directory.deleteUser(third!.id);
    const hired = world.directory.createUser({ displayName: 'New Hire' });

    await sweepNow();
    const hinted = world.sent.map(({ change }) => change.id);
    expect(hinted).toEqual(expect.arrayContaining([first!.id, led, third!.id, hired]));
    await world.drain();
    expect(await world.differences()).toEqual([]);
    expect(world.deps.figures.snapshot().counts['unannounced']).toBeGreaterThanOrEqual(4);
  });

  it('that replays what the mirror holds already sends nothing', async () => {
    await until(async () => {
      await world.reader.serve(world.tenantId);
      return world.sent.length === 0 || (await world.drain()).length === 0;
    });
    await sweepNow();
    expect(world.sent).toEqual([]);
  });

  it('that was interrupted counts for nothing: the next one shows the same again', async () => {
    const [person] = world.directory.snapshot().users;
    world.directory.updateUser(person!.id, { city: 'Lemuria' });
    const { publish } = world.deps;
    world.deps.publish = () => Promise.reject(new Error('the queue is away'));
    await expect(sweepNow()).rejects.toThrow('away');
    world.deps.publish = publish;
    await world.sync();
    expect(world.sent.map(({ change }) => change.id)).toContain(person!.id);
    await world.drain();
    expect(await world.differences()).toEqual([]);
  });

  it('whose link Graph no longer takes ends in a full pass', async () => {
    const [person] = world.directory.snapshot().users;
    world.directory.updateUser(person!.id, { city: 'Mu' });
    world.server.faults.deltaGoneRate = 1;
    await world.mirror.requestSweep(world.tenantId);
    const gone = world.sync();
    await until(async () => {
      const checkpoint = await world.mirror.checkpoint(world.tenantId, 'user');
      return checkpoint?.passRequested ?? checkpoint?.pass?.cause === 'expired';
    });
    world.server.faults.deltaGoneRate = 0;
    await gone.catch(() => undefined);
    await world.sync();
    expect(await world.differences()).toEqual([]);
  });
});

describe('a sweep that meets a restore', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld('sweep-restored', { timings: { replicationMs: 300 } });
    await world.sync();
  });
  afterAll(() => world.close());

  it('has the edges read of who was deleted and restored before any read found them gone', async () => {
    const { directory, mirror, reader, tenantId } = world;
    const { managers, groups } = directory.snapshot();
    const [{ userId, managerId }, [team]] = [managers[0]!, groups.map(({ id }) => id)];
    const leaver = directory.createUser({ displayName: 'Brief Member' });
    directory.addMember(team!, leaver);
    await world.handle([notified('user', leaver)]);
    await reader.serve(tenantId);
    await until(async () => {
      await world.sync();
      await reader.serve(tenantId);
      return (await mirror.edgesDue(tenantId, 0, 1)).length === 0;
    });

    directory.deleteUser(managerId);
    directory.updateUser(userId, { city: 'Thule' });
    await world.handle([notified('user', userId)]);
    directory.restore(managerId);
    directory.deleteUser(leaver);
    directory.deleteGroup(team!);
    directory.purge(leaver);
    directory.restore(team!);
    await mirror.requestSweep(tenantId);
    await world.sync();
    const due = await mirror.edgesDue(tenantId, 0, 10);
    expect(due.map(({ id }) => id).sort()).toEqual([managerId, team].sort());
    await until(async () => {
      await reader.serve(tenantId);
      await world.drain();
      return (await world.differences()).length === 0;
    });
  });
});
