import { describe, expect, it } from '@jest/globals';
import type { DeltaItem } from '../../../../src/local/graph/delta/item.ts';
import type { Manner, Moment } from '../../../../src/local/graph/delta/token.ts';
import { trackedBy } from '../../../../src/local/graph/delta/tracked.ts';
import { windowItems, windowPage } from '../../../../src/local/graph/delta/window.ts';
import { Directory } from '../../../../src/local/graph/directory/directory.ts';
import { handClock } from './hand-clock.ts';

const PLAIN: Manner = {
  changedOnly: false,
  copies: false,
  repeatRate: 0,
  restoredMembers: false,
  formerManager: false,
};
const userLink = (id: string) => ({ '@odata.type': '#microsoft.graph.user', id });
const goneLink = (id: string) => ({ ...userLink(id), '@removed': { reason: 'deleted' } });

function scene(lateMs: () => number = () => 0) {
  const clock = handClock();
  const directory = new Directory({ clock, drawLateMs: lateMs });
  const ann = directory.createUser({ displayName: 'Ann', jobTitle: 'Planner' }, 'ann');
  const bob = directory.createUser({ displayName: 'Bob', jobTitle: 'Planner' }, 'bob');
  const team = directory.createGroup({ displayName: 'Team' }, 'team');
  directory.addMember(team, ann);
  directory.setManager(bob, ann);
  const moment = (): Moment => ({ sequence: directory.sequence, at: clock.now() });
  const start = moment();
  const round = (
    type: 'user' | 'group',
    select?: string[],
    manner: Partial<Manner> = {},
    from = start,
  ): DeltaItem[] =>
    windowItems(directory.tables, type, trackedBy(type, select), {
      from,
      to: moment(),
      manner: { ...PLAIN, ...manner },
    });
  return { clock, directory, ann, bob, team, moment, round };
}

describe('a delta round', () => {
  const select = ['displayName', 'jobTitle', 'manager'];
  const cases: [string, (directory: Directory) => void, DeltaItem[]][] = [
    ['nothing where nothing happened', () => undefined, []],
    [
      'a changed person with old and new values',
      (directory) => directory.updateUser('ann', { jobTitle: 'Lead' }),
      [{ id: 'ann', displayName: 'Ann', jobTitle: 'Lead' }],
    ],
    [
      'a cleared property as null',
      (directory) => directory.updateUser('ann', { jobTitle: null }),
      [{ id: 'ann', displayName: 'Ann', jobTitle: null }],
    ],
    [
      'nothing for a property not asked for',
      (directory) => directory.updateUser('ann', { city: 'Ulm' }),
      [],
    ],
    [
      'a new manager',
      (directory) => directory.setManager('ann', 'bob'),
      [{ id: 'ann', displayName: 'Ann', jobTitle: 'Planner', 'manager@delta': [userLink('bob')] }],
    ],
    [
      'the end of a manager',
      (directory) => directory.clearManager('bob'),
      [{ id: 'bob', displayName: 'Bob', jobTitle: 'Planner', 'manager@delta': [goneLink('ann')] }],
    ],
    [
      'a soft deletion as changed',
      (directory) => directory.deleteUser('ann'),
      [{ id: 'ann', '@removed': { reason: 'changed' } }],
    ],
    [
      'a restored person as a new one',
      (directory) => {
        directory.deleteUser('bob');
        directory.restore('bob');
      },
      [{ id: 'bob', displayName: 'Bob', jobTitle: 'Planner', 'manager@delta': [userLink('ann')] }],
    ],
    [
      'a purge as deleted, and the reports without their manager',
      (directory) => {
        directory.deleteUser('ann');
        directory.purge('ann');
      },
      [
        { id: 'ann', '@removed': { reason: 'deleted' } },
        { id: 'bob', displayName: 'Bob', jobTitle: 'Planner', 'manager@delta': [goneLink('ann')] },
      ],
    ],
  ];

  it.each(cases)('of people shows %s', (_, act, expected) => {
    const { directory, round } = scene();
    act(directory);
    expect(round('user', select)).toEqual(expected);
  });

  const groupCases: [string, (directory: Directory) => void, DeltaItem[]][] = [
    [
      'an added and a removed member',
      (directory) => {
        directory.addMember('team', 'bob');
        directory.removeMember('team', 'ann');
      },
      [{ id: 'team', displayName: 'Team', 'members@delta': [userLink('bob'), goneLink('ann')] }],
    ],
    ['nothing for a soft-deleted member', (directory) => directory.deleteUser('ann'), []],
    [
      'nothing for a restored member',
      (directory) => {
        directory.deleteUser('ann');
        directory.restore('ann');
      },
      [],
    ],
    [
      'a purged member as removed',
      (directory) => {
        directory.deleteUser('ann');
        directory.purge('ann');
      },
      [{ id: 'team', displayName: 'Team', 'members@delta': [goneLink('ann')] }],
    ],
    [
      'a restored group with all its members',
      (directory) => {
        directory.deleteGroup('team');
        directory.restore('team');
      },
      [{ id: 'team', displayName: 'Team', 'members@delta': [userLink('ann')] }],
    ],
    ['nothing for owners not asked for', (directory) => directory.addOwner('team', 'ann'), []],
  ];

  it.each(groupCases)('of groups shows %s', (_, act, expected) => {
    const { directory, round } = scene();
    act(directory);
    expect(round('group', ['displayName', 'members'])).toEqual(expected);
  });

  it('shows owners where they are asked for', () => {
    const { directory, round } = scene();
    directory.addOwner('team', 'bob');
    expect(round('group', ['owners'])).toEqual([{ id: 'team', 'owners@delta': [userLink('bob')] }]);
  });

  it('shows changed properties only where that is preferred', () => {
    const { directory, round } = scene();
    directory.updateUser('ann', { jobTitle: 'Lead' });
    expect(round('user', select, { changedOnly: true })).toEqual([{ id: 'ann', jobTitle: 'Lead' }]);
  });

  it('shows a restored member, or the former manager, where it is told to', () => {
    const { directory, round } = scene();
    directory.deleteUser('ann');
    directory.restore('ann');
    directory.createUser({}, 'cleo');
    directory.setManager('bob', 'cleo');
    expect(round('group', ['members'], { restoredMembers: true })).toEqual([
      { id: 'team', 'members@delta': [userLink('ann')] },
    ]);
    const bob = round('user', ['manager'], { formerManager: true }).find(({ id }) => id === 'bob');
    expect(bob).toEqual({ id: 'bob', 'manager@delta': [goneLink('ann'), userLink('cleo')] });
  });

  it('shows each copy with a state of its own, some of them twice', () => {
    const { directory, round } = scene();
    directory.removeMember('team', 'ann');
    directory.addMember('team', 'ann');
    const items = round('group', ['members'], { copies: true, repeatRate: 1 });
    expect(items).toHaveLength(4);
    const links = items.flatMap((item) => item['members@delta']);
    expect(
      links.filter((link) => JSON.stringify(link) === JSON.stringify(goneLink('ann'))),
    ).toHaveLength(2);
    expect(round('group', ['members'], { copies: true, repeatRate: 1 })).toEqual(items);
  });

  it('shows a late change in a later round, once per link, after changes that came later', () => {
    let lateMs = 0;
    const { clock, directory, round, moment } = scene(() => lateMs);
    lateMs = 60_000;
    directory.updateUser('ann', { jobTitle: 'Late' });
    lateMs = 0;
    directory.updateUser('bob', { jobTitle: 'Prompt' });
    expect(round('user', ['jobTitle'])).toEqual([{ id: 'bob', jobTitle: 'Prompt' }]);

    const next = moment();
    clock.move(60_000);
    expect(round('user', ['jobTitle'], {}, next)).toEqual([{ id: 'ann', jobTitle: 'Late' }]);
    expect(round('user', ['jobTitle'], {}, moment())).toEqual([]);
  });

  it('spreads a large group over several items and pages', () => {
    const { directory, round } = scene();
    for (let number = 0; number < 2_000; number += 1) {
      directory.addMember('team', directory.createUser({}, `user-${number}`));
    }
    const items = round('group', ['members']);
    expect(items).toHaveLength(5);
    const first = windowPage(items, 0);
    expect(first.items.length).toBeLessThan(5);
    const second = windowPage(items, first.next ?? 0);
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.next).toBeUndefined();
  });
});
