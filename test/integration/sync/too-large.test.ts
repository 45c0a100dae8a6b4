import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { notified, openWorld, type World } from './world.ts';

const megabyte = 1024 * 1024;
/** Beyond what MongoDB takes as a document; the second one is beyond the driver's own buffer as well. */
const tooLarge = [16.2, 18].map((megabytes) => 'x'.repeat(megabytes * megabyte));

let world: World;
let groups: string[];
beforeAll(async () => {
  world = await openWorld('too-large', { users: 10, groups: 6 });
  groups = world.directory.snapshot().groups.map(({ id }) => id);
  tooLarge.forEach((description, index) =>
    world.directory.updateGroup(groups[index + 1]!, { description }),
  );
}, 60_000);
afterAll(() => world.close());

const large = () => groups.slice(1, 3);
const held = async () => {
  const refs = groups.map((id) => ({ type: 'group' as const, id }));
  const found = await world.mirror.currentOf(world.tenantId, refs);
  return groups.filter((_, index) => found[index]);
};
const dead = { kind: 'dead', reason: 'TooLarge', description: expect.stringContaining('16 MB') };

describe('an object of Graph that is larger than a document of MongoDB', () => {
  it('does not hold up a load, and goes onto the queue, where it becomes a dead letter', async () => {
    await world.sync();
    expect(await held()).toEqual(groups.filter((id) => !large().includes(id)));
    expect(await world.mirror.checkpoint(world.tenantId, 'group')).toMatchObject({
      pass: { stage: 'done' },
      sweptAt: expect.any(Date),
    });
    const sent = world.sent.splice(0).map(({ change }) => change);
    expect([...new Set(sent.map(({ id }) => id))].sort()).toEqual(large().sort());
    const outcomes = await world.handle(sent.filter(({ id }) => id === large()[0]));
    expect(outcomes).toContainEqual(dead);
  });

  it('is refused alone: its neighbours of the micro-batch are written', async () => {
    world.directory.updateGroup(groups[0]!, { description: 'before it' });
    world.directory.updateGroup(groups[5]!, { description: 'after it' });
    const outcomes = await world.handle(groups.map((id) => notified('group', id)));
    expect(outcomes).toEqual(groups.map((id) => (large().includes(id) ? dead : { kind: 'done' })));
    const shown = await world.mirror.collections.objects.group.find().toArray();
    expect(shown.map(({ description }) => description)).toEqual(
      expect.arrayContaining(['before it', 'after it']),
    );
  });

  it('leaves what was mirrored before it grew, and is mirrored again once it has shrunk', async () => {
    const [grown, shrunk] = [groups[4]!, groups[1]!];
    world.directory.updateGroup(grown, { description: tooLarge[0], displayName: 'Grown' });
    expect(await world.handle([notified('group', grown)])).toEqual([dead]);
    expect(await held()).toContain(grown);
    world.directory.updateGroup(shrunk, { description: 'small again' });
    expect(await world.handle([notified('group', shrunk)])).toEqual([{ kind: 'done' }]);
    expect(await held()).toContain(shrunk);
  });

  it('does not hold up a sweep', async () => {
    const before = await world.mirror.checkpoint(world.tenantId, 'group');
    await world.mirror.requestSweep(world.tenantId);
    await world.sync();
    const after = await world.mirror.checkpoint(world.tenantId, 'group');
    expect(after!.sweptAt!.getTime()).toBeGreaterThan(before!.sweptAt!.getTime());
  });
});
