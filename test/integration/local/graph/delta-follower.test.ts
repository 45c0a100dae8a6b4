import { afterEach, describe, expect, it } from '@jest/globals';
import type { Faults } from '../../../../src/local/graph/faults.ts';
import { createRandom } from '../../../../src/local/graph/random.ts';
import { handClock } from '../../../unit/local/graph/hand-clock.ts';
import { openClient, type Client } from './client.ts';

type Item = Record<string, unknown>;
type Link = { id: string; '@removed'?: object };

/** Keeps the groups and their members by delta alone. */
function createFollower() {
  const groups = new Map<string, { description: unknown; members: Set<string> }>();
  return {
    groups,
    apply(item: Item): void {
      const id = String(item['id']);
      if (item['@removed']) {
        groups.delete(id);
        return;
      }
      const group = groups.get(id) ?? { description: undefined, members: new Set<string>() };
      groups.set(id, group);
      if ('description' in item) group.description = item['description'];
      for (const link of (item['members@delta'] ?? []) as Link[]) {
        if (link['@removed']) group.members.delete(link.id);
        else group.members.add(link.id);
      }
    },
  };
}

describe('who follows delta', () => {
  let client: Client;
  afterEach(() => client.graph.close());

  const change = (changes: number, seed: number) => {
    const random = createRandom(seed);
    for (let made = 0; made < changes; made += 1) client.graph.directory.randomChange(random);
  };

  it('arrives at the state of the directory, round by round', async () => {
    client = await openClient({
      users: 60,
      groups: 25,
      faults: { deltaShowsRestoredMembers: true },
    });
    const follower = createFollower();
    let link = '/groups/delta?$select=description,members';
    for (let round = 1; round <= 15; round += 1) {
      const { items, last } = await client.all(link);
      items.forEach((item) => follower.apply(item));
      link = String(last['@odata.deltaLink']);

      const { groups, memberships } = client.graph.directory.snapshot();
      const alive = groups.filter(({ state }) => state === 'active');
      expect([...follower.groups.keys()].sort()).toEqual(alive.map(({ id }) => id).sort());
      for (const { id, properties } of alive) {
        expect(follower.groups.get(id)?.description).toBe(properties['description']);
      }
      for (const { groupId, kind, memberId, hidden } of memberships) {
        if (kind === 'member' && !hidden)
          expect(follower.groups.get(groupId)?.members).toContain(memberId);
      }
      const edges = new Set(memberships.map(({ groupId, memberId }) => `${groupId}/${memberId}`));
      const held = [...follower.groups].flatMap(([id, { members }]) =>
        [...members].map((member) => `${id}/${member}`),
      );
      expect(held.filter((edge) => !edges.has(edge))).toEqual([]);
      change(40, round);
    }
  });

  it('is told of every changed person, however late, repeated and out of order', async () => {
    const clock = handClock();
    const faults: Partial<Faults> = {
      deltaLagMs: 60_000,
      deltaCopies: true,
      deltaRepeatRate: 0.3,
      deltaEmptyPageRate: 0.3,
      deltaChangedOnly: true,
    };
    client = await openClient({ users: 60, groups: 25, clock, faults, requireToken: false });
    const { history } = client.graph.directory;
    let link = String(
      (await client.get('/users/delta?$deltatoken=latest')).body['@odata.deltaLink'],
    );
    const told = new Map<string, number>();
    let rounds = 0;
    for (let quiet = false; !quiet; rounds += 1) {
      if (rounds < 5) change(40, rounds);
      clock.move(10_000);
      const { items, last } = await client.all(link);
      for (const { id } of items) told.set(String(id), (told.get(String(id)) ?? 0) + 1);
      link = String(last['@odata.deltaLink']);
      quiet = rounds >= 12 && items.length === 0;
    }
    const shown = new Set([
      'displayName',
      'jobTitle',
      'officeLocation',
      'mobilePhone',
      'businessPhones',
    ]);
    for (const event of history) {
      if (event.type !== 'user' || event.kind === 'managerSet') continue;
      const isShown =
        event.kind !== 'updated' || Object.keys(event.properties).some((name) => shown.has(name));
      if (isShown) expect([...told.keys()]).toContain(event.id);
    }
    expect(history.some(({ lateMs = 0 }) => lateMs > 30_000)).toBe(true);
    expect(Math.max(...told.values())).toBeGreaterThan(1);
  });
});
