import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

interface Person {
  id: string;
  inScope: boolean;
  activated: boolean;
  displayName?: string;
}
interface Team {
  status: string;
  name: string;
  reason: string | null;
  people: Person[];
}

interface Reply<T> {
  status: number;
  body: T;
}

let stack: TestStack;
let connection: { id: string; tenantUrl: string; secret: string };
const ids: Record<string, string> = {};

const ask = async <T>(method: string, path: string, body?: object): Promise<Reply<T>> => {
  const answer = await fetch(`${stack.running.url}/admin/connections${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : {}) as T };
};
const own = <T>(method: string, path: string, body?: object): Promise<Reply<T>> =>
  ask<T>(method, `/${connection.id}${path}`, body);

const scim = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${connection.tenantUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${connection.secret}`,
      'content-type': 'application/scim+json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (answer.status === 204 ? {} : await answer.json()) as { id: string };
};
const patch = (path: string, ...Operations: object[]) => scim('PATCH', path, { Operations });
const member = (op: string, group: string, name: string) =>
  patch(`/Groups/${ids[group]!}`, { op, path: 'members', value: [{ value: ids[name] }] });

const team = async (group: string) => (await own<Team>('GET', `/teams/scim:${ids[group]!}`)).body;
const namesIn = async (group: string) =>
  (await team(group)).people.map(({ displayName = '?' }) => displayName).sort();
const shows = (group: string, names: string[]) =>
  until(async () => (await namesIn(group)).join() === names.join(), { what: names.join() });
const inCatalogue = (search: string, names: string[]) =>
  until(async () => {
    const { body } = await own<{ groups: { displayName: string }[] }>(
      'GET',
      `/groups?search=${encodeURIComponent(search)}`,
    );
    return (
      body.groups
        .map(({ displayName }) => displayName)
        .sort()
        .join() === names.join()
    );
  });

beforeAll(async () => {
  stack = await startTestStack({ users: 2, groups: 1, roles: ['api'] });
  connection = (await ask<typeof connection>('POST', '', { name: 'Acme' })).body;
  for (const name of ['ada', 'bob', 'cy']) {
    ids[name] = (
      await scim('POST', '/Users', { userName: `${name}@acme.example`, displayName: name })
    ).id;
  }
  for (const name of ['Sales North', 'Sales South', 'Board']) {
    ids[name] = (await scim('POST', '/Groups', { displayName: name })).id;
  }
  await member('Add', 'Sales North', 'ada');
  await member('Add', 'Sales North', 'Sales South');
  await member('Add', 'Sales South', 'bob');
});
afterAll(() => stack.close());

describe('groups as teams', () => {
  it('are found by the beginnings of their words', async () => {
    await inCatalogue('sal', ['Sales North', 'Sales South']);
    await inCatalogue('so sales', ['Sales South']);
    await inCatalogue('ales', []);
  });

  it('hold direct members or those of nested groups too, and follow them', async () => {
    await own('PUT', `/teams/scim:${ids['Sales North']!}`, { members: 'effective' });
    await own('PUT', `/teams/scim:${ids['Sales South']!}`);
    await shows('Sales North', ['ada', 'bob']);
    await member('Add', 'Sales South', 'cy');
    await shows('Sales North', ['ada', 'bob', 'cy']);
    await member('Remove', 'Sales South', 'bob');
    await shows('Sales South', ['cy']);
    expect(await team('Sales South')).toMatchObject({ status: 'synced' });
  });

  it('show who is out of scope as a reference, whatever the scope is', async () => {
    await own('PUT', '/scope', { groups: [`scim:${ids['Sales South']!}`] });
    const { people } = await team('Sales North');
    expect(people.map(({ inScope }) => inScope).sort()).toEqual([false, true]);
    expect(people.find(({ inScope }) => !inScope)).not.toHaveProperty('displayName');
    const everyone = (await own<{ people: Person[] }>('GET', '/people')).body.people;
    expect(everyone.map(({ displayName }) => displayName)).toEqual(['cy']);
    await own('PUT', '/scope', { groups: null });
  });

  it('are not removed while they are in use, unless forced', async () => {
    const path = `/teams/scim:${ids['Sales South']!}`;
    await own('PUT', `${path}/uses/board-7`);
    const refused = await own<{ error: string }>('DELETE', path);
    expect([refused.status, refused.body.error]).toEqual([409, expect.stringContaining('board-7')]);
    await own('DELETE', `${path}/uses/board-7`);
    expect((await own('DELETE', path)).status).toBe(204);
    expect((await own('GET', path)).status).toBe(404);
  });

  it('keep their members, held, when the group is deleted in Entra', async () => {
    await member('Add', 'Board', 'ada');
    await own('PUT', `/teams/scim:${ids['Board']!}`);
    await shows('Board', ['ada']);
    await scim('DELETE', `/Groups/${ids['Board']!}`);
    await until(async () => (await team('Board')).status === 'held');
    expect(await namesIn('Board')).toEqual(['ada']);
  });
});

describe('people of a connection', () => {
  it('are marked as activated by the application', async () => {
    await own('PUT', `/people/scim:${ids['ada']!}/activation`);
    const activated = async () =>
      (await own<{ people: Person[] }>('GET', '/people')).body.people.filter(
        (one) => one.activated,
      );
    expect((await activated()).map(({ displayName }) => displayName)).toEqual(['ada']);
    await own('DELETE', `/people/scim:${ids['ada']!}/activation`);
    expect(await activated()).toEqual([]);
  });

  it('live beside manual ones, which no sync touches and which alone are removed by hand', async () => {
    const person = { displayName: 'Visitor', userPrincipalName: 'visitor@acme.example' };
    const { id } = (await own<{ id: string }>('POST', '/people', person)).body;
    await patch(`/Users/${ids['cy']!}`, { op: 'Replace', path: 'displayName', value: 'Cy' });
    await until(async () => (await stack.user(`scim:${ids['cy']!}`))?.['displayName'] === 'Cy');
    expect(await stack.user(id)).toMatchObject({ ...person, mirror: { source: 'manual' } });
    expect((await own('DELETE', `/people/scim:${ids['cy']!}`)).status).toBe(409);
    expect((await own('DELETE', `/people/${id}`)).status).toBe(204);
  });
});
