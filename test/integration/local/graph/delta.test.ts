import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { handClock } from '../../../unit/local/graph/hand-clock.ts';
import { openClient, type Client } from './client.ts';

describe('delta of the local Graph', () => {
  const clock = handClock();
  let client: Client;

  beforeAll(async () => {
    client = await openClient({ users: 300, groups: 30, clock, requireToken: false });
  });
  afterAll(() => client.graph.close());

  const deltaLink = async (path: string) =>
    String((await client.all(path)).last['@odata.deltaLink']);

  it('enumerates every person and every membership in its first round', async () => {
    const { users, memberships } = client.graph.directory.snapshot();
    const people = await client.all('/users/delta?$select=id,displayName');
    expect(people.pages).toBeGreaterThan(1);
    expect(new Set(people.items.map(({ id }) => id))).toEqual(new Set(users.map(({ id }) => id)));

    const groups = await client.all('/groups/delta?$select=displayName,members,owners');
    const edges = groups.items.flatMap((item) =>
      ['members', 'owners'].flatMap((kind) =>
        ((item[`${kind}@delta`] ?? []) as { id: string }[]).map(
          (link) => `${String(item['id'])} ${kind} ${link.id}`,
        ),
      ),
    );
    const expected = memberships.map(
      ({ groupId, kind, memberId }) => `${groupId} ${kind}s ${memberId}`,
    );
    expect(edges.sort()).toEqual(expected.sort());
  });

  it('goes on from a link, carries its options, and replays it as often as asked', async () => {
    const link = await deltaLink('/users/delta?$select=jobTitle');
    const id = client.graph.directory.createUser({ displayName: 'New', jobTitle: 'Planner' });
    const first = await client.all(link);
    expect(first.items).toEqual([{ id, jobTitle: 'Planner' }]);
    expect((await client.all(link)).items).toEqual(first.items);
    expect((await client.all(String(first.last['@odata.deltaLink']))).items).toEqual([]);
  });

  it('begins now with $deltatoken=latest', async () => {
    const { items, last } = await client.all(
      '/groups/delta?$deltatoken=latest&$select=displayName',
    );
    expect(items).toEqual([]);
    const id = client.graph.directory.createGroup({ displayName: 'Late' });
    expect((await client.all(String(last['@odata.deltaLink']))).items).toEqual([
      { id, displayName: 'Late' },
    ]);
  });

  it('reports what changed during a first round in the next one', async () => {
    const { directory } = client.graph;
    const page = await client.get('/users/delta?$select=jobTitle');
    const [person] = page.body.value;
    directory.updateUser(String(person?.['id']), { jobTitle: 'Meanwhile' });
    const link = await deltaLink(String(page.body['@odata.nextLink']));
    expect((await client.all(link)).items).toEqual([{ id: person?.['id'], jobTitle: 'Meanwhile' }]);
  });

  it('shows changed properties only where the caller prefers that', async () => {
    const link = await deltaLink('/users/delta?$deltatoken=latest&$select=displayName,jobTitle');
    const [person] = client.graph.directory.snapshot().users;
    client.graph.directory.updateUser(String(person?.id), { jobTitle: 'Minimal' });
    const { body } = await client.get(link, { prefer: 'return=minimal' });
    expect(body.value).toEqual([{ id: person?.id, jobTitle: 'Minimal' }]);
  });

  it('answers 410 and the way to start again for links that are unknown or a week old', async () => {
    const link = await deltaLink('/users/delta?$deltatoken=latest&$select=displayName');
    clock.move(7 * 86_400_000 + 1);
    for (const path of [link, '/users/delta?$deltatoken=made-up']) {
      const answer = await client.get(path);
      expect(answer.status).toBe(410);
      expect(answer.headers.get('location')).toContain('/users/delta?$deltatoken=');
    }
    const { headers } = await client.get(link);
    const again = await client.all(headers.get('location') ?? '');
    expect(again.items.length).toBeGreaterThanOrEqual(300);
  });

  it('refuses options that Graph does not support here', async () => {
    expect((await client.get('/users/delta?$top=5')).status).toBe(400);
    expect((await client.get('/users/delta?$expand=manager')).status).toBe(400);
  });

  it('gives empty pages in between, and loses nothing by them', async () => {
    const link = await deltaLink('/users/delta?$deltatoken=latest&$select=displayName');
    const id = client.graph.directory.createUser({ displayName: 'Behind' });
    client.graph.faults.deltaEmptyPageRate = 0.8;
    const { items } = await client.all(link);
    client.graph.faults.deltaEmptyPageRate = 0;
    expect(items).toEqual([{ id, displayName: 'Behind' }]);
  });
});
