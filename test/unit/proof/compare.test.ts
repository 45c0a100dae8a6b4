import { describe, expect, it } from '@jest/globals';
import { compare, type Source } from '../../../src/proof/compare.ts';

type Held = Record<string, unknown>;
const names = { user: ['displayName', 'otherMails'], group: ['displayName'] };
const ada = { id: 'ada', state: 'active' as const, properties: { displayName: 'Ada' } };
const bob = { id: 'bob', state: 'softDeleted' as const, properties: { displayName: 'Bob' } };
const team = { id: 'team', state: 'active' as const, properties: { displayName: 'Team' } };
const source: Source = {
  users: [ada, bob],
  groups: [team],
  memberships: [
    { groupId: 'team', kind: 'member', memberId: 'ada', hidden: false },
    { groupId: 'team', kind: 'member', memberId: 'bob', hidden: true },
  ],
  managers: [{ userId: 'ada', managerId: 'bob', hidden: true }],
};
const mirror = {
  users: [
    {
      id: 'ada',
      displayName: 'Ada',
      otherMails: null,
      managerId: null,
      mirror: { state: 'active' },
    },
    { id: 'bob', displayName: 'Bob', mirror: { state: 'softDeleted' } },
    { id: 'eve', mirror: { state: 'purged' } },
  ] as Held[],
  groups: [{ id: 'team', displayName: 'Team', mirror: { state: 'active' } }] as Record<
    string,
    unknown
  >[],
  memberships: [
    { groupId: 'team', kind: 'member', memberId: 'ada', present: true },
    { groupId: 'team', kind: 'member', memberId: 'eve', present: false },
  ] as Held[],
};

const differences = (held: Partial<typeof mirror>) =>
  compare(
    source,
    async function* (name) {
      yield* { ...mirror, ...held }[name];
    },
    names,
  );
const [first, second, third] = mirror.users as [Held, Held, Held];

describe('the comparison of mirror and source', () => {
  it('finds nothing where they are equal', async () => {
    expect(await differences({})).toEqual([]);
  });

  it.each([
    ['a person that is missing', { users: [second, third] }, 'missing'],
    ['a changed property', { users: [{ ...first, displayName: 'A' }, second] }, 'displayName'],
    ['a wrong manager', { users: [{ ...first, managerId: 'eve' }, second] }, 'manager'],
    [
      'a person that is gone there',
      { users: [first, second, { ...third, mirror: { state: 'active' } }] },
      'active, gone there',
    ],
    [
      'a person that is only soft-deleted there',
      { users: [first, { ...second, mirror: { state: 'purged' } }] },
      'purged, softDeleted there',
    ],
    ['a group that is missing', { groups: [] }, 'missing'],
    ['a membership that is missing', { memberships: [] }, 'missing'],
    [
      'a membership that has ended there',
      {
        memberships: [
          mirror.memberships[0]!,
          { groupId: 'team', kind: 'owner', memberId: 'ada', present: true },
        ],
      },
      'ended there',
    ],
  ])('finds %s', async (_what, held, what) => {
    expect(await differences(held as Partial<typeof mirror>)).toMatchObject([{ what }]);
  });

  it('takes a manager and a membership that Graph does not show either way', async () => {
    const shown = {
      users: [{ ...first, managerId: 'bob' }, second],
      memberships: [
        ...mirror.memberships,
        { groupId: 'team', kind: 'member', memberId: 'bob', present: true },
        { groupId: 'team', kind: 'owner', memberId: 'bob', present: true },
      ],
    };
    expect(await differences(shown as Partial<typeof mirror>)).toEqual([]);
  });

  it('minds neither the order of lists nor null beside absent', async () => {
    const mails = (list: string[]) => ({
      ...ada,
      properties: { ...ada.properties, otherMails: list },
    });
    const found = await compare(
      { ...source, users: [mails(['a@x', 'b@x']), bob] },
      async function* (name) {
        if (name === 'users') yield* [{ ...first, otherMails: ['b@x', 'a@x'] }, second];
        else yield* mirror[name];
      },
      names,
    );
    expect(found).toEqual([]);
  });
});
