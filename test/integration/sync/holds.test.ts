import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { carryOutHolds } from '../../../src/sync/holds.ts';
import { until } from '../../support/until.ts';
import { notified, openWorld, type World } from './world.ts';

const replicationMs = 200;

/** A tenant of 60 people in one group of theirs; more than 20 removals of either are held. */
async function openCompany(name: string, timings = {}) {
  const world = await openWorld(name, {
    users: 60,
    groups: 2,
    timings: { replicationMs, ...timings },
  });
  const people = world.directory.snapshot().users.map(({ id }) => id);
  const staff = world.directory.createGroup({ displayName: 'Staff' });
  for (const id of people) world.directory.addMember(staff, id);
  await world.sync();
  const { mirror, tenantId } = world;
  // The load walks once more when replicas have had their time.
  const { link } = (await mirror.checkpoint(tenantId, 'group'))!.pass!;
  await until(() => Date.now() - link.at.getTime() > replicationMs);
  await world.sync();
  await world.drain();
  const stateOf = async (ids: readonly string[]) => {
    const found = await mirror.currentOf(
      tenantId,
      ids.map((id) => ({ type: 'user', id })),
    );
    return found.map((document) => document!.mirror);
  };
  return {
    ...{ world, people, staff, stateOf },
    activeOf: async (ids: readonly string[]) =>
      (await stateOf(ids)).filter(({ state }) => state === 'active').length,
    notify: (ids: readonly string[]) => world.handle(ids.map((id) => notified('user', id))),
    holds: () => mirror.holds.list(tenantId),
    carryOut: () => carryOutHolds({ ...world.deps, reader: world.reader }, tenantId),
    presentMembers: () =>
      mirror.collections.memberships.countDocuments({
        groupId: staff,
        present: true,
        kind: 'member',
      }),
    /** What a sweep finds, after all edges that are due have been read. */
    async sweep() {
      await until(async () => {
        await world.reader.serve(tenantId);
        await world.drain();
        return (await mirror.edgesDue(tenantId, 0, 1)).length === 0;
      });
      await mirror.requestSweep(tenantId);
      await world.sync();
    },
  };
}
type Company = Awaited<ReturnType<typeof openCompany>>;

describe('rule 4.2: a mass removal of objects', () => {
  let company: Company;
  let world: World;
  let gone: string[];
  beforeAll(async () => {
    company = await openCompany('held');
    world = company.world;
    gone = company.people.slice(0, 40);
    for (const id of gone) world.directory.deleteUser(id);
  });
  afterAll(() => world.close());

  const theHold = async () => (await company.holds())[0]!;

  it('is applied as far as the limit goes and then held, with its evidence, and shown as active', async () => {
    for (let from = 0; from < 40; from += 10) await company.notify(gone.slice(from, from + 10));
    expect(await company.activeOf(gone.slice(0, 20))).toBe(0);
    expect(await company.activeOf(gone.slice(20))).toBe(20);
    expect(await company.holds()).toMatchObject([{ state: 'open', items: 20 }]);
    const { _id } = await theHold();
    const items = await world.mirror.holds.itemsOf(_id, 100);
    expect(items).toHaveLength(20);
    expect(items[0]).toMatchObject({
      type: 'user',
      evidence: 'deletedItems',
      at: expect.any(Date),
    });
  });

  it('opens no second hold when what is held is found again', async () => {
    await company.notify(gone);
    expect(await company.holds()).toMatchObject([{ state: 'open', items: 20 }]);
  });

  it('is not asked for again by every sweep, while additions and updates go on', async () => {
    const hired = world.directory.createUser({ displayName: 'New Hire' });
    const other = company.people[50]!;
    world.directory.updateUser(other, { city: 'Atlantis' });
    await company.sweep();
    const asked = world.sent.map(({ change }) => change.id);
    expect(asked).toContain(hired);
    expect(asked.filter((id) => gone.includes(id))).toEqual([]);
    await world.drain();
    expect(await company.activeOf([hired])).toBe(1);
    const [updated] = await world.mirror.currentOf(world.tenantId, [{ type: 'user', id: other }]);
    expect(updated).toMatchObject({ city: 'Atlantis' });
  });

  it('lets go of who is found alive, whose memberships are then read', async () => {
    const back = gone[39]!;
    world.directory.restore(back);
    await company.notify([back]);
    const [mirror] = await company.stateOf([back]);
    expect(mirror).toMatchObject({ state: 'active', edgesDue: {} });
    expect(mirror!.held).toBeUndefined();
    expect(await theHold()).toMatchObject({ items: 19 });
  });

  it('is read once more when it is approved, and only what is still gone is removed', async () => {
    const back = gone[38]!;
    world.directory.restore(back);
    const { _id } = await theHold();
    world.sent.length = 0;
    expect(await world.mirror.holds.decide(_id, 'approved', 'person')).toBeDefined();
    await company.carryOut();
    expect(world.sent.map(({ change }) => change.id).sort()).toEqual(gone.slice(20, 39).sort());
    await world.drain();
    expect(await company.activeOf(gone)).toBe(2);
    await company.carryOut();
    expect(await theHold()).toMatchObject({
      state: 'approved',
      items: 0,
      finishedAt: expect.any(Date),
    });
  });

  it('is counted anew after an approval', async () => {
    const one = company.people[51]!;
    world.directory.deleteUser(one);
    await company.notify([one]);
    expect(await company.activeOf([one])).toBe(0);
    expect(await company.holds()).toHaveLength(1);
  });

  it('that is decided already cannot be decided again', async () => {
    const { _id } = await theHold();
    expect(await world.mirror.holds.decide(_id, 'rejected', 'person')).toBeUndefined();
  });
});

describe('a rejected hold', () => {
  let company: Company;
  let world: World;
  let gone: string[];
  beforeAll(async () => {
    company = await openCompany('rejected');
    world = company.world;
    gone = company.people.slice(0, 30);
    for (const id of gone) world.directory.deleteUser(id);
    await company.notify(gone);
    const [hold] = await company.holds();
    await world.mirror.holds.decide(hold!._id, 'rejected', 'person');
    await company.carryOut();
  });
  afterAll(() => world.close());

  it('keeps its records, marked as kept, whatever is read of them', async () => {
    await company.notify(gone);
    const marks = await company.stateOf(gone);
    expect(marks.every(({ state, kept, held }) => state === 'active' && kept && !held)).toBe(true);
    await company.sweep();
    expect(world.sent.filter(({ change }) => gone.includes(change.id))).toEqual([]);
    expect(await company.holds()).toMatchObject([{ state: 'rejected', items: 0 }]);
  });

  it('keeps one until it is seen alive: its next removal counts like any other', async () => {
    const [one] = gone;
    world.directory.restore(one!);
    await company.notify([one!]);
    const [alive] = await company.stateOf([one!]);
    expect(alive!.kept).toBeUndefined();
    world.directory.deleteUser(one!);
    await company.notify([one!]);
    const [again] = await company.stateOf([one!]);
    expect(again).toMatchObject({ state: 'active', held: { evidence: 'deletedItems' } });
    expect(await company.holds()).toHaveLength(2);
  });
});

describe('a hold that nobody decides', () => {
  it('stays open, unless settings release it by time', async () => {
    const company = await openCompany('by-time', { holdReleaseMs: 100 });
    const { world, people } = company;
    try {
      const gone = people.slice(0, 30);
      for (const id of gone) world.directory.deleteUser(id);
      await company.notify(gone);
      await until(async () => {
        await company.carryOut();
        await world.drain();
        return (await company.activeOf(gone)) === 0;
      });
      expect(await company.holds()).toMatchObject([{ state: 'approved', decidedBy: 'time' }]);
      expect(await world.differences()).toEqual([]);
    } finally {
      await world.close();
    }
  });
});

describe('a mass removal of members', () => {
  let company: Company;
  let world: World;
  beforeAll(async () => {
    company = await openCompany('members');
    world = company.world;
  });
  afterAll(() => world.close());

  const removeMembers = async (from: number, to: number) => {
    for (const id of company.people.slice(from, to))
      world.directory.removeMember(company.staff, id);
    await world.reader.serve(world.tenantId);
  };

  it('is held as edges of its group, and no sweep contradicts it', async () => {
    await removeMembers(0, 30);
    expect(await company.presentMembers()).toBe(60);
    expect(await company.holds()).toMatchObject([
      { groupId: company.staff, state: 'open', items: 30 },
    ]);
    await company.sweep();
    expect(await world.mirror.edgesDue(world.tenantId, replicationMs, 10)).toEqual([]);
  });

  it('does not keep a member from joining, who may be one of the held', async () => {
    const [back] = company.people;
    const hired = world.directory.createUser({ displayName: 'New Hire' });
    world.directory.addMember(company.staff, back!);
    world.directory.addMember(company.staff, hired);
    await world.reader.serve(world.tenantId);
    expect(await company.presentMembers()).toBe(61);
    expect(await company.holds()).toMatchObject([{ items: 29 }]);
  });

  it('has its group enumerated when it is approved', async () => {
    const [hold] = await company.holds();
    await world.mirror.holds.decide(hold!._id, 'approved', 'person');
    await company.carryOut();
    await until(async () => (await company.presentMembers()) === 32);
    await company.carryOut();
    expect(await company.holds()).toMatchObject([{ state: 'approved', items: 0 }]);
    await company.sweep();
    await world.drain();
    expect(await world.differences()).toEqual([]);
  });

  it('that two enumerations found is held as well, and kept where it is rejected', async () => {
    const { staff, people } = company;
    const { memberships } = world.mirror.collections;
    // A removal that no delta will show again.
    const ghosts = people.slice(0, 30).map((id) => `${id.slice(0, -4)}ffff`);
    const token = await world.mirror.drawToken(world.tenantId);
    const edges = ghosts.map((memberId) => ({ groupId: staff, memberId, kind: 'member' as const }));
    await world.mirror.applyEdges(
      world.tenantId,
      edges.map((edge) => ({ ...edge, present: true })),
      token,
    );
    await world.mirror.markEdgesDue(world.tenantId, [staff]);
    const held = { groupId: staff, 'mirror.held.evidence': 'absent' as const };
    await until(async () => {
      await world.reader.serve(world.tenantId);
      return (await memberships.countDocuments(held)) === 30;
    });
    const [hold] = await company.holds();
    expect(hold).toMatchObject({ state: 'open', items: 30 });
    await world.mirror.holds.decide(hold!._id, 'rejected', 'person');
    await company.carryOut();
    const kept = { groupId: staff, 'mirror.kept.hold': hold!._id, present: true };
    expect(await memberships.countDocuments(kept)).toBe(30);
  });
});
