import { describe, expect, it } from '@jest/globals';
import { foundCompany } from '../../../../src/local/graph/company/company.ts';
import { Directory } from '../../../../src/local/graph/directory/directory.ts';
import { viewAt } from '../../../../src/local/graph/directory/view.ts';
import { createRandom } from '../../../../src/local/graph/random.ts';
import { handClock } from './hand-clock.ts';

function smallDirectory() {
  const clock = handClock();
  const directory = new Directory({ clock });
  const boss = directory.createUser({ displayName: 'Boss' });
  const worker = directory.createUser({ displayName: 'Worker' });
  const team = directory.createGroup({ displayName: 'Team', groupTypes: ['Unified'] });
  directory.setManager(worker, boss);
  directory.addMember(team, worker);
  directory.addOwner(team, boss);
  return { clock, directory, boss, worker, team };
}

describe('the directory', () => {
  it('keeps memberships and the manager of a soft-deleted person, unseen by readers', () => {
    const { directory, boss, worker, team } = smallDirectory();
    directory.deleteUser(worker);
    directory.restore(worker);
    directory.deleteUser(boss);

    const { memberships, managers } = directory.snapshot();
    expect(memberships).toEqual([
      { groupId: team, kind: 'member', memberId: worker, memberType: 'user', hidden: false },
      { groupId: team, kind: 'owner', memberId: boss, memberType: 'user', hidden: true },
    ]);
    expect(managers).toEqual([{ userId: worker, managerId: boss, hidden: true }]);
  });

  it('ends memberships, ownerships and reports with a purge', () => {
    const { directory, boss, team } = smallDirectory();
    directory.deleteUser(boss);
    directory.purge(boss);

    const snapshot = directory.snapshot();
    expect(snapshot.users.map(({ id }) => id)).not.toContain(boss);
    expect(snapshot.memberships.filter(({ memberId }) => memberId === boss)).toEqual([]);
    expect(snapshot.managers).toEqual([]);
    expect(directory.history.slice(-3).map(({ kind, id }) => ({ kind, id }))).toEqual([
      { kind: 'edgeRemoved', id: team },
      { kind: 'managerSet', id: expect.any(String) },
      { kind: 'purged', id: boss },
    ]);
  });

  it('records every change once, with a sequence without gaps and its time', () => {
    const { directory, worker, team, clock } = smallDirectory();
    clock.move(1_000);
    expect(directory.addMember(team, worker)).toBe(false);
    directory.updateUser(worker, { jobTitle: 'Planner' });

    expect(directory.history.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(directory.history.at(-1)).toMatchObject({
      kind: 'updated',
      at: clock.now(),
      properties: { jobTitle: 'Planner' },
    });
  });

  it('shows itself as it was at any time', () => {
    const { directory, worker, team, clock } = smallDirectory();
    const before = clock.now();
    clock.move(1_000);
    directory.updateUser(worker, { displayName: 'Renamed' });
    directory.removeMember(team, worker);
    directory.deleteUser(worker);

    const past = viewAt(directory.tables, before);
    const [edge] = past.edgeRecords(team, 'member');
    expect(past.active(worker)?.properties['displayName']).toBe('Worker');
    expect(edge && past.visibleMember(edge)?.id).toBe(worker);
    expect(directory.now().active(worker)).toBeUndefined();
    expect(directory.now().softDeleted(worker)?.properties['displayName']).toBe('Renamed');
    expect(viewAt(directory.tables, before - 1).find(worker)).toBeUndefined();
  });

  it('keeps deleted security groups or purges them at once, as it is told', () => {
    const keeping = new Directory();
    const kept = keeping.createGroup();
    keeping.deleteGroup(kept);
    expect(keeping.now().find(kept)?.state).toBe('softDeleted');

    const purging = new Directory({ purgesSecurityGroups: () => true });
    const gone = purging.createGroup();
    const unified = purging.createGroup({ groupTypes: ['Unified'] });
    purging.deleteGroup(gone);
    purging.deleteGroup(unified);
    expect(purging.now().find(gone)?.state).toBe('purged');
    expect(purging.now().find(unified)?.state).toBe('softDeleted');
  });

  it('refuses what the real one would refuse', () => {
    const { directory, worker, team } = smallDirectory();
    expect(() => directory.updateUser(team, {})).toThrow(`there is no user ${team}`);
    expect(() => directory.purge(worker)).toThrow('is active, not softDeleted');
    directory.deleteUser(worker);
    expect(() => directory.addMember(team, 'nobody')).toThrow('there is no object nobody');
    expect(() => directory.deleteUser(worker)).toThrow('is softDeleted, not active');
  });

  it('has one history for one seed', () => {
    const live = (seed: number) => {
      const company = foundCompany({ seed, users: 40, groups: 20 });
      const directory = new Directory({ company, seed, clock: handClock() });
      const random = createRandom(seed);
      for (let change = 0; change < 300; change += 1) directory.randomChange(random);
      return directory;
    };
    const [first, second, other] = [live(7), live(7), live(8)];
    expect(second.history).toEqual(first.history);
    expect(second.snapshot()).toEqual(first.snapshot());
    expect(other.snapshot()).not.toEqual(first.snapshot());
  });

  it('is the same after a replay of its history', () => {
    const company = foundCompany({ users: 40, groups: 20 });
    const lived = new Directory({ company, clock: handClock() });
    const random = createRandom(3);
    for (let change = 0; change < 300; change += 1) lived.randomChange(random);

    const replayed = new Directory({ company });
    for (const event of lived.history) replayed.replay(event);
    expect(replayed.snapshot()).toEqual(lived.snapshot());
    expect(new Set(lived.history.map(({ kind }) => kind)).size).toBe(8);
  });
});
