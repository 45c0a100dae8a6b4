import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { core, startScim, type EntraClient, type ScimServer } from './scim-server.ts';

let server: ScimServer;
let entra: EntraClient;
beforeAll(async () => {
  server = await startScim();
  entra = await server.connect();
});
afterAll(() => server.close());

const E = core.enterprise;

/** Entra's request about a person as it is sent: a PATCH of these operations, and the person after it. */
interface Row {
  what: string;
  before?: object;
  query?: string;
  operations: object[];
  after: object;
  /** Attributes that are not there after it. */
  gone?: string[];
}

const rows: Row[] = [
  {
    what: 'disables by a text',
    operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    after: { active: false },
  },
  {
    what: 'restores by a text',
    before: { active: false },
    operations: [{ op: 'Replace', path: 'active', value: 'True' }],
    after: { active: true },
  },
  {
    what: 'disables by a boolean, with the flag',
    query: '?aadOptscim062020',
    operations: [{ op: 'replace', path: 'active', value: false }],
    after: { active: false },
  },
  {
    what: 'creates as disabled by a text',
    before: { active: 'False' },
    operations: [{ op: 'Add', path: 'title', value: 'x' }],
    after: { active: false, title: 'x' },
  },
  {
    what: 'adds an address to who has one of another type',
    before: { emails: [{ type: 'home', value: 'h@mail.example' }] },
    operations: [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'w@mail.example' }],
    after: {
      emails: [
        { type: 'home', value: 'h@mail.example' },
        { type: 'work', value: 'w@mail.example' },
      ],
    },
  },
  {
    what: 'keeps one element of each type',
    before: { emails: [{ type: 'work', value: 'a@mail.example' }] },
    operations: [{ op: 'Add', path: 'emails', value: [{ type: 'Work', value: 'b@mail.example' }] }],
    after: { emails: [{ type: 'Work', value: 'b@mail.example' }] },
  },
  {
    what: 'sets a filtered path by a key of an operation without a path',
    query: '?aadOptscim062020',
    operations: [{ op: 'add', value: { 'emails[type eq "work"].value': 'k@mail.example' } }],
    after: { emails: [{ type: 'work', value: 'k@mail.example' }] },
  },
  {
    what: 'sets several attributes by one operation without a path',
    query: '?aadOptscim062020',
    operations: [
      {
        op: 'replace',
        value: { displayName: 'New', 'name.givenName': 'Ada', [`${E}:division`]: 'D' },
      },
    ],
    after: { displayName: 'New', name: { givenName: 'Ada' }, [E]: { division: 'D' } },
  },
  {
    what: 'sets numbers of each type',
    operations: ['work', 'mobile', 'fax'].map((type) => ({
      ...{ op: 'Add', path: `phoneNumbers[type eq "${type}"].value`, value: ` ${type} 1 ` },
    })),
    after: {
      phoneNumbers: ['work', 'mobile', 'fax'].map((type) => ({ type, value: ` ${type} 1 ` })),
    },
  },
  {
    what: 'sets the office under the type "other", as one of its tables says',
    operations: [{ op: 'Add', path: 'addresses[type eq "other"].formatted', value: 'B 12' }],
    after: { addresses: [{ type: 'other', formatted: 'B 12' }] },
  },
  {
    what: 'sets a number of an employee with its URN',
    operations: [{ op: 'Add', path: `${E}:employeeNumber`, value: '0042' }],
    after: { [E]: { employeeNumber: '0042' } },
  },
  {
    what: 'sets a department without its URN',
    operations: [{ op: 'Add', path: 'department', value: 'R&D' }],
    after: { [E]: { department: 'R&D' } },
  },
  {
    what: 'replaces what was never set',
    operations: [{ op: 'Replace', path: 'title', value: 'Countess' }],
    after: { title: 'Countess' },
  },
  {
    what: 'removes an attribute, and one that is not there',
    before: { title: 'Countess' },
    operations: [
      { op: 'Remove', path: 'title' },
      { op: 'Remove', path: 'nickName' },
    ],
    after: {},
    gone: ['title', 'nickName'],
  },
  {
    what: 'removes the last element by its type',
    before: { emails: [{ type: 'work', value: 'a@mail.example' }] },
    operations: [{ op: 'Remove', path: 'emails[type eq "work"]' }],
    after: {},
    gone: ['emails'],
  },
  {
    what: 'clears a text by an empty one',
    before: { title: 'Countess' },
    operations: [{ op: 'Replace', path: 'title', value: '' }],
    after: { title: '' },
  },
  {
    what: 'sends a role whose mark is a text',
    operations: [{ op: 'Add', path: 'roles[primary eq "True"].value', value: 'admin' }],
    after: { roles: [{ primary: true, value: 'admin' }] },
  },
];

describe('a change of a person as Entra sends it', () => {
  it.each(rows)('$what', async ({ before = {}, query = '', operations, after, gone = [] }) => {
    const made = await entra.user(randomUUID(), before);
    const answer = await entra.patch(`/Users/${made.id}${query}`, ...operations);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: made.id, meta: { resourceType: 'User' } });
    const { body } = await entra.get(`/Users/${made.id}`);
    expect(body).toMatchObject(after);
    for (const name of gone) expect(body).not.toHaveProperty(name);
  });
});

describe('a change of a group as Entra sends it', () => {
  const change = async (ops: (ids: string[]) => object[], held: number[]) => {
    const people = await Promise.all([0, 1, 2].map(() => entra.user(randomUUID())));
    const ids = people.map(({ id }) => id);
    const members = held.map((at) => ({ value: ids[at], display: 'shown by somebody' }));
    const { id } = await entra.group(randomUUID(), { members });
    const { status, body } = await entra.patch(`/Groups/${id}`, ...ops(ids));
    const after = await entra.members(id);
    return { status, body, members: ids.flatMap((one, at) => (after.includes(one) ? [at] : [])) };
  };

  it.each([
    [
      'adds one',
      [],
      [1],
      (id: string[]) => [{ op: 'Add', path: 'members', value: [{ value: id[1] }] }],
    ],
    [
      'adds one who is there',
      [0],
      [0],
      (id: string[]) => [{ op: 'Add', path: 'members', value: [{ $ref: null, value: id[0] }] }],
    ],
    [
      'removes one by a list of values',
      [0, 1],
      [1],
      (id: string[]) => [{ op: 'Remove', path: 'members', value: [{ value: id[0] }] }],
    ],
    [
      'removes one by a list with an empty reference',
      [0, 1],
      [1],
      (id: string[]) => [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: id[0] }] }],
    ],
    [
      'removes one by a filter',
      [0, 1],
      [1],
      (id: string[]) => [{ op: 'remove', path: `members[value eq "${id[0]!}"]` }],
    ],
    [
      'removes who is not there',
      [0],
      [0],
      (id: string[]) => [{ op: 'Remove', path: 'members', value: [{ value: id[2] }] }],
    ],
    [
      'adds and removes in one request',
      [0],
      [1, 2],
      (id: string[]) => [
        { op: 'Add', path: 'members', value: [{ value: id[1] }, { value: id[2] }] },
        { op: 'Remove', path: 'members', value: [{ value: id[0] }] },
      ],
    ],
    [
      'adds without a path',
      [0],
      [0, 1],
      (id: string[]) => [{ op: 'add', value: { members: [{ value: id[1] }] } }],
    ],
  ])('%s, answered 204 without the members', async (_what, held, wanted, ops) => {
    expect(await change(ops, held)).toEqual({ status: 204, body: {}, members: wanted });
  });

  it('keeps the memberships of who is disabled, which a restore does not send again', async () => {
    const { id } = await entra.user(randomUUID());
    const group = await entra.group(randomUUID(), { members: [{ value: id }] });
    await entra.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' });
    expect(await entra.members(group.id)).toEqual([id]);
    await entra.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'True' });
    expect(await entra.members(group.id)).toEqual([id]);
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/Users', undefined, 200],
    ['GET', `/Users/${randomUUID()}`, undefined, 404],
    ['POST', '/Users', '{}', 400],
    ['POST', '/Users', '{', 400],
    ['PATCH', '/Users/none', '{"Operations":[{"op":"add","value":{"title":"x"}}]}', 404],
    ['DELETE', '/Groups/none', undefined, 404],
    ['GET', '/Schemas', undefined, 200],
    ['PUT', '/Groups', '{}', 405],
  ])('%s %s is SCIM, its errors too', async (method, path, body, status) => {
    const answer = await entra.call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/scim+json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    if (status >= 400) expect(answer.body).toMatchObject({ status: String(status) });
  });

  it('takes plain JSON too', async () => {
    const answer = await entra.call(
      'POST',
      '/Users',
      { userName: randomUUID() },
      { 'content-type': 'application/json' },
    );
    expect(answer.status).toBe(201);
  });
});
