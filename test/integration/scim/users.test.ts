import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { core, person, startScim, type EntraClient, type ScimServer } from './scim-server.ts';

let server: ScimServer;
let entra: EntraClient;
beforeAll(async () => {
  server = await startScim();
  entra = await server.connect();
});
afterAll(() => server.close());

const E = core.enterprise;
const read = async (id: string) => (await entra.get(`/Users/${id}`)).body;

describe('Entra’s requests about people', () => {
  it('answers Test Connection with an empty list', async () => {
    const { status, headers, body } = await entra.find('/Users', `userName eq "${randomUUID()}"`);
    expect([status, headers.get('content-type')]).toEqual([
      200,
      'application/scim+json; charset=utf-8',
    ]);
    expect(body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      ...{ totalResults: 0, Resources: [] },
    });
  });

  it.each([
    ['userName', (n: string) => `userName eq "${n.toUpperCase()}@CONTOSO.EXAMPLE"`],
    ['externalId', (n: string) => `externalId eq "${n}"`],
    ['the work address', (n: string) => `emails[type eq "work"].value eq "${n}@mail.example"`],
  ])('matches a person by %s', async (_by, filter) => {
    const name = `match-${randomUUID()}`;
    const { id } = await entra.user(name, {
      emails: [
        { type: 'other', value: 'elsewhere@mail.example' },
        { type: 'work', value: `${name}@mail.example` },
      ],
    });
    const { body } = await entra.find('/Users', filter(name));
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  });

  it('does not match the address of one type by that of another', async () => {
    await entra.user('two-mails', { emails: [{ type: 'home', value: 'home@mail.example' }] });
    const { body } = await entra.find(
      '/Users',
      'emails[type eq "work"].value eq "home@mail.example"',
    );
    expect(body['totalResults']).toBe(0);
  });

  it('takes the published create with nulls, a misspelt extension and bare attributes', async () => {
    const { status, body, headers } = await entra.post('/Users', {
      schemas: [core.user, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User'],
      ...{ userName: 'sample@contoso.example', externalId: 'sample', active: true },
      ...{ displayName: null, nickName: null, roles: [], meta: { resourceType: 'User' } },
      ...{ department: 'bob', manager: null, password: 'secret', unheardOf: 1 },
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0User': { employeeNumber: '7' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ [E]: { department: 'bob', employeeNumber: '7' } });
    expect(body).not.toHaveProperty('displayName');
    expect(body).not.toHaveProperty('password');
    expect(headers.get('location')).toBe(`${entra.tenantUrl}/Users/${body.id}`);
    expect(headers.get('etag')).toBe('W/"1"');
  });

  it('refuses a second person of the same name in any case, with a status that is a string', async () => {
    await entra.user('twin');
    const { status, body } = await entra.post('/Users', person('TWIN'));
    expect(status).toBe(409);
    expect(body).toMatchObject({ status: '409', scimType: 'uniqueness' });
  });

  it('still returns who is disabled, and tells 404 of who never was', async () => {
    const { id } = await entra.user('off', { active: false });
    expect(await read(id)).toMatchObject({ active: false });
    expect((await entra.get(`/Users/${randomUUID()}`)).status).toBe(404);
  });

  it('answers the check of a manager in either order of its terms', async () => {
    const boss = await entra.user('check-boss');
    const { id } = await entra.user('check-report', { [E]: { manager: { value: boss.id } } });
    for (const filter of [
      `id eq "${id}" and manager eq "${boss.id}"`,
      `manager eq "${boss.id}" and id eq "${id}"`,
    ]) {
      const { body } = await entra.find('/Users?attributes=id', filter);
      expect(body['Resources']).toEqual([{ schemas: [core.user, E], id }]);
    }
  });

  it('deletes, and lets the name be given anew', async () => {
    const { id } = await entra.user('leaver');
    expect((await entra.remove(`/Users/${id}`)).status).toBe(204);
    expect((await entra.remove(`/Users/${id}`)).status).toBe(404);
    const again = await entra.user('leaver');
    expect(again.id).not.toBe(id);
  });

  it('keeps texts as they were sent', async () => {
    const sent = { phoneNumbers: [{ type: 'work', value: ' +49 (0)431 / 12-3 ' }], title: 'Ünï ☃' };
    const { id } = await entra.user('verbatim', sent);
    expect(await read(id)).toMatchObject(sent);
  });
});

describe('a PATCH in Entra’s default way', () => {
  it.each([
    ['False', false],
    ['True', true],
    ['false', false],
    [true, true],
  ])('reads the text or boolean %p as %p', async (value, expected) => {
    const { id } = await entra.user(`active-${randomUUID()}`);
    const answer = await entra.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value });
    expect([answer.status, answer.body['active']]).toEqual([200, expected]);
  });

  it('adds, replaces and removes scalars by path, in any case', async () => {
    const { id } = await entra.user('scalars');
    await entra.patch(
      `/Users/${id}`,
      { op: 'Add', path: 'title', value: 'Engineer' },
      { op: 'REPLACE', path: 'DisplayName', value: 'Renamed' },
      { op: 'Replace', path: `${E}:employeeNumber`, value: '0042' },
      { op: 'Replace', path: `${core.user}:name.familyName`, value: 'Lovelace' },
    );
    expect(await read(id)).toMatchObject({
      ...{ title: 'Engineer', displayName: 'Renamed', [E]: { employeeNumber: '0042' } },
      name: { givenName: 'scalars', familyName: 'Lovelace' },
    });
    await entra.patch(`/Users/${id}`, { op: 'Remove', path: 'title' });
    expect(await read(id)).not.toHaveProperty('title');
  });

  it('makes the element that a filtered path names, and changes it the next time', async () => {
    const { id } = await entra.user('mail');
    const path = 'emails[type eq "work"].value';
    await entra.patch(`/Users/${id}`, { op: 'Add', path, value: 'a@mail.example' });
    await entra.patch(`/Users/${id}`, { op: 'Replace', path, value: 'b@mail.example' });
    expect((await read(id))['emails']).toEqual([{ type: 'work', value: 'b@mail.example' }]);
    await entra.patch(`/Users/${id}`, { op: 'Remove', path });
    expect(await read(id)).not.toHaveProperty('emails');
  });

  it('takes roles whose mark is a text', async () => {
    const { id } = await entra.user('roles');
    await entra.patch(`/Users/${id}`, {
      op: 'Add',
      path: 'roles[primary eq "True"].value',
      value: 'admin',
    });
    await entra.patch(`/Users/${id}`, {
      op: 'Replace',
      path: 'roles[primary eq "True"].value',
      value: 'reader',
    });
    expect((await read(id))['roles']).toEqual([{ primary: true, value: 'reader' }]);
  });

  it.each([
    ['a text', 'urn', (id: string) => id],
    ['a list', 'urn', (id: string) => [{ $ref: null, value: id }]],
    ['an object', 'bare', (id: string) => ({ value: id })],
  ])('takes a manager as %s, and clears it', async (_as, form, value) => {
    const path = form === 'urn' ? `${E}:manager` : 'manager';
    const boss = await entra.user(`boss-${randomUUID()}`);
    const { id } = await entra.user(`report-${randomUUID()}`);
    for (const nothing of ['', { value: '' }]) {
      await entra.patch(`/Users/${id}`, { op: 'Add', path, value: value(boss.id) });
      expect(await read(id)).toMatchObject({ [E]: { manager: { value: boss.id } } });
      await entra.patch(`/Users/${id}`, { op: 'Replace', path, value: nothing });
      expect(await read(id)).not.toHaveProperty([E]);
    }
  });
});

describe('a PATCH with the flag aadOptscim062020', () => {
  it('takes one operation without a path, with dotted keys and URNs', async () => {
    const { id } = await entra.user('flag');
    await entra.patch(
      `/Users/${id}?aadOptscim062020`,
      {
        op: 'replace',
        value: {
          'name.givenName': 'Ada',
          active: false,
          [`${E}:department`]: 'R&D',
          title: 'Countess',
        },
      },
      { op: 'add', path: 'emails[type eq "work"].value', value: 'ada@mail.example' },
    );
    expect(await read(id)).toMatchObject({
      ...{ active: false, title: 'Countess', [E]: { department: 'R&D' } },
      name: { givenName: 'Ada', familyName: 'Example' },
      emails: [{ type: 'work', value: 'ada@mail.example' }],
    });
  });

  it('takes an extension and complex values as objects', async () => {
    const { id } = await entra.user('objects', { [E]: { division: 'kept' } });
    const value = { [E]: { costCenter: '12' }, name: { familyName: 'New' } };
    await entra.patch(`/Users/${id}`, { op: 'add', value });
    expect(await read(id)).toMatchObject({
      [E]: { division: 'kept', costCenter: '12' },
      name: { givenName: 'objects', familyName: 'New' },
    });
  });
});

describe('a PATCH', () => {
  it.each([
    ['an unknown attribute', { op: 'replace', path: 'noSuchAttribute.x', value: 1 }, 'invalidPath'],
    ['a prototype', { op: 'add', path: '__proto__.polluted', value: 'x' }, 'invalidPath'],
    ['a constructor', { op: 'add', path: 'constructor.prototype.x', value: 'x' }, 'invalidPath'],
    [
      'a prototype as a key',
      { op: 'add', value: JSON.parse('{"__proto__.x":1}') as object },
      'invalidSyntax',
    ],
    ['an operator', { op: 'add', value: { $where: 'sleep(1)' } }, 'invalidSyntax'],
    ['what is ours to say', { op: 'replace', path: 'id', value: 'mine' }, 'mutability'],
    ['a name that is empty', { op: 'remove', path: 'userName' }, 'invalidValue'],
    ['an operation that is none', { op: 'move', path: 'title' }, 'invalidSyntax'],
    ['a mark that is none', { op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
  ])('is refused whole for %s', async (_what, operation, scimType) => {
    const { id } = await entra.user(`whole-${randomUUID()}`);
    const before = await read(id);
    const renaming = { op: 'replace', path: 'displayName', value: 'half' };
    const { status, body } = await entra.patch(`/Users/${id}`, renaming, operation);
    expect([status, body['scimType']]).toEqual([400, scimType]);
    expect(await read(id)).toEqual(before);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('that changes nothing leaves the version as it is', async () => {
    const { id } = await entra.user('idle');
    const before = await read(id);
    await entra.patch(`/Users/${id}`, { op: 'Replace', path: 'displayName', value: 'idle' });
    expect(await read(id)).toEqual(before);
  });

  it('loses none of several at once', async () => {
    const { id } = await entra.user('busy');
    const names = ['title', 'nickName', 'locale', 'timezone', 'userType', 'preferredLanguage'];
    await Promise.all(
      names.map((path) => entra.patch(`/Users/${id}`, { op: 'Add', path, value: path })),
    );
    expect(await read(id)).toMatchObject(Object.fromEntries(names.map((name) => [name, name])));
  });
});
