import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchToken, openClient, type Client } from './client.ts';

describe('reads of the local Graph', () => {
  let client: Client;
  let ann: string;
  let bob: string;
  let team: string;

  beforeAll(async () => {
    client = await openClient();
    const { directory } = client.graph;
    ann = directory.createUser({ displayName: 'Ann', userPrincipalName: 'ann@northwind.example' });
    bob = directory.createUser({ displayName: 'Bob' });
    team = directory.createGroup({ displayName: 'Team', groupTypes: ['Unified'] });
    directory.setManager(bob, ann);
    directory.addMember(team, bob);
    directory.addMember(team, directory.createOther('device', { displayName: 'Laptop' }));
    directory.addOwner(team, ann);
  });
  afterAll(() => client.graph.close());

  it('refuse a request without a known token', async () => {
    const answer = await client.get('/users', { authorization: 'Bearer made-up' });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });

  it('show a person with the selected properties, unset ones null, and the manager', async () => {
    const { body, headers } = await client.get(
      `/users/${bob}?$select=id,displayName,jobTitle&$expand=manager($select=id)`,
    );
    expect(body).toMatchObject({ id: bob, displayName: 'Bob', jobTitle: null });
    expect(body['manager']).toEqual({ '@odata.type': '#microsoft.graph.user', id: ann });
    expect(headers.get('x-ms-resource-unit')).toBe('1');
    expect(headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('refuse a property that does not exist', async () => {
    const { status, body } = await client.get(`/users/${bob}?$select=id,nickName`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("Could not find a property named 'nickName'");
  });

  it('list everybody once, page by page', async () => {
    const { items, pages } = await client.all('/users?$select=id&$top=10');
    expect(pages).toBe(4);
    expect(items.map(({ id }) => id)).toEqual(
      client.graph.directory.snapshot().users.map(({ id }) => id),
    );
    expect((await client.get('/users?$top=1000')).status).toBe(400);
  });

  it('list members of every kind, owners, and with a cast only one kind', async () => {
    const members = await client.all(`/groups/${team}/members?$select=id`);
    expect(members.items.map((item) => item['@odata.type'])).toEqual([
      '#microsoft.graph.user',
      '#microsoft.graph.device',
    ]);
    const people = await client.all(`/groups/${team}/members/microsoft.graph.user?$select=id`);
    expect(people.items.map(({ id }) => id)).toEqual([bob]);
    const owners = await client.all(`/groups/${team}/owners?$select=id&$top=999`);
    expect(owners.items.map(({ id }) => id)).toEqual([ann]);
  });

  it('list what a person belongs to, owns and leads', async () => {
    const ids = async (path: string) => (await client.all(path)).items.map(({ id }) => id);
    expect(await ids(`/users/${bob}/memberOf/microsoft.graph.group?$select=id`)).toEqual([team]);
    expect(await ids(`/users/${ann}/ownedObjects/microsoft.graph.group?$select=id`)).toEqual([
      team,
    ]);
    expect(await ids(`/users/${ann}/directReports?$select=id`)).toEqual([bob]);
    expect((await client.get(`/users/${bob}/manager?$select=id`)).body['id']).toBe(ann);
    expect((await client.get(`/users/${ann}/manager`)).status).toBe(404);
  });

  it('hide a soft-deleted person everywhere but in deletedItems', async () => {
    const { directory } = client.graph;
    const cleo = directory.createUser({ displayName: 'Cleo' });
    const report = directory.createUser();
    directory.setManager(report, cleo);
    directory.addMember(team, cleo);
    directory.deleteUser(cleo);

    expect(await client.get(`/users/${cleo}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound' } },
    });
    expect((await client.get(`/users/${report}?$expand=manager`)).body).not.toHaveProperty(
      'manager',
    );
    const members = await client.all(`/groups/${team}/members?$select=id`);
    expect(members.items.map(({ id }) => id)).not.toContain(cleo);
    expect((await client.get(`/directory/deletedItems/${cleo}`)).body).toMatchObject({
      displayName: 'Cleo',
    });
    const deleted = await client.all('/directory/deletedItems/microsoft.graph.user?$select=id');
    expect(deleted.items.map(({ id }) => id)).toEqual([cleo]);

    expect((await client.ask('POST', `/directory/deletedItems/${cleo}/restore`)).status).toBe(200);
    expect((await client.get(`/users/${report}?$expand=manager`)).body).toHaveProperty('manager');
    directory.deleteUser(cleo);
    expect((await client.ask('DELETE', `/directory/deletedItems/${cleo}`)).status).toBe(204);
    expect((await client.get(`/directory/deletedItems/${cleo}`)).status).toBe(404);
  });

  it('answer 20 parts of a batch, each with a status of its own', async () => {
    const requests = [bob, 'nobody', ann].map((id, index) => ({
      id: String(index),
      method: 'GET',
      url: `/users/${id}?$select=id`,
    }));
    const { body, status } = await client.ask('POST', '/$batch', { requests });
    const responses = body['responses'] as { id: string; status: number; body: { id?: string } }[];
    const byId = new Map(responses.map((part) => [part.id, part]));
    expect(status).toBe(200);
    expect(byId.get('0')).toMatchObject({ status: 200, body: { id: bob } });
    expect(byId.get('1')).toMatchObject({ status: 404 });
    expect(byId.get('2')).toMatchObject({ status: 200, body: { id: ann } });

    const part = { method: 'GET', url: '/users' };
    const tooMany = Array.from({ length: 21 }, (_, id) => ({ ...part, id: String(id) }));
    expect((await client.ask('POST', '/$batch', { requests: tooMany })).status).toBe(400);
    const doubled = [1, 1].map((id) => ({ ...part, id: String(id) }));
    expect((await client.ask('POST', '/$batch', { requests: doubled })).status).toBe(400);
  });

  it('answer another tenant from its own directory', async () => {
    const other = client.graph.addTenant('other-tenant', { users: 3, groups: 1 });
    const authorization = `Bearer ${await fetchToken(client.graph, 'other-tenant')}`;
    const { body } = await client.get('/users?$select=id', {
      authorization,
    });
    expect(body.value.map(({ id }) => id)).toEqual(
      other.directory.snapshot().users.map(({ id }) => id),
    );
    expect((await client.get(`/users/${bob}`, { authorization })).status).toBe(404);
  });
});
