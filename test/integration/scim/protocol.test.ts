import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../../src/ops/clock.ts';
import { until } from '../../support/until.ts';
import { core, person, startScim, type EntraClient, type ScimServer } from './scim-server.ts';

let server: ScimServer;
let entra: EntraClient;
beforeAll(async () => {
  server = await startScim();
  entra = await server.connect();
});
afterAll(() => server.close());

const challenge = ({ headers }: { headers: Headers }) => headers.get('www-authenticate');

describe('who may call', () => {
  it('challenges a call without a secret, and one with a wrong secret', async () => {
    const none = await fetch(`${entra.tenantUrl}/Users`);
    expect([none.status, challenge(none)]).toEqual([401, 'Bearer realm="scim"']);
    const wrong = await entra.get('/Users', { authorization: 'Bearer wrong' });
    expect([wrong.status, challenge(wrong)]).toEqual([
      401,
      'Bearer realm="scim", error="invalid_token"',
    ]);
    expect(wrong.body).toMatchObject({ status: '401' });
  });

  it('never shows one customer to another, whatever is sent', async () => {
    const other = await server.connect({ name: 'Other' });
    const { id } = await other.user('theirs');
    expect((await entra.get(`/Users/${id}`)).status).toBe(404);
    expect(
      (await entra.find('/Users', 'userName eq "theirs@contoso.example"')).body['totalResults'],
    ).toBe(0);
    const onTheirPath = await fetch(`${other.tenantUrl}/Users/${id}`, {
      headers: { authorization: `Bearer ${entra.secret}`, 'x-forwarded-host': 'evil.example' },
    });
    expect(onTheirPath.status).toBe(404);
    const { body } = await entra
      .user('ours')
      .then(({ id: own }) => entra.get(`/Users/${own}`, { 'x-forwarded-host': 'evil.example' }));
    expect(body).toMatchObject({ meta: { location: `${entra.tenantUrl}/Users/${body.id}` } });
  });

  it('takes both secrets while one retires, and none that was revoked', async () => {
    const client = await server.connect({ name: 'Rotating' });
    const { _id: id } = client.connection;
    const { secret = '' } = await server.connections.rotate(id);
    const status = async (token: string) =>
      (await client.get('/Users', { authorization: `Bearer ${token}` })).status;
    expect([await status(client.secret), await status(secret)]).toEqual([200, 200]);
    await expect(server.connections.rotate(id)).rejects.toThrow('Two secrets are live');
    await server.connections.revoke(id, client.secret.split('_')[1]);
    expect([await status(client.secret), await status(secret)]).toEqual([401, 200]);
    await server.recorder.flush();
    const stored = await server.connections.get(id);
    expect(stored.secrets).toMatchObject([{ lastUsedAt: expect.any(Date) }]);
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('tells a wrong secret later and later, and the right one at once', async () => {
    // Whoever is to wait waits for good here.
    const sleep: Clock['sleep'] = (ms, signal) =>
      signal ? systemClock.sleep(ms, signal) : new Promise(() => undefined);
    const patient = await startScim({ clock: { ...systemClock, sleep } });
    const client = await patient.connect();
    const answers: { status: number; retryAfter: string | null }[] = [];
    const guess = () =>
      client.get('/Users', { authorization: `Bearer ${client.secret}x` }).then(
        ({ status, headers }) => answers.push({ status, retryAfter: headers.get('retry-after') }),
        () => undefined,
      );
    const guesses = Array.from({ length: 27 }, guess);
    await until(() => answers.length === 7);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers).toContainEqual({ status: 429, retryAfter: '60' });
    expect((await client.get('/Users')).status).toBe(200);
    await patient.close();
    await Promise.all(guesses);
  });

  it('counts no call of another customer as one of its own', async () => {
    const client = await server.connect({ name: 'Called' });
    await client.get('/Users', { authorization: `Bearer ${entra.secret}` });
    await server.recorder.flush();
    const { activity } = await server.connections.get(client.connection._id);
    expect(activity).toEqual({ version: 0, cycles: [] });
  });

  it('tells Entra to come back while a connection is paused', async () => {
    const client = await server.connect({ name: 'Paused' });
    await server.connections.pause(client.connection._id);
    const { status, headers } = await client.get('/Users');
    expect([status, headers.get('retry-after')]).toEqual([503, '300']);
    await server.connections.resume(client.connection._id);
    expect((await client.get('/Users')).status).toBe(200);
  });

  it('answers 503, never 401 or 404, for trouble of its own', async () => {
    const troubled = await startScim();
    const client = await troubled.connect();
    troubled.mongo.inject?.failNext('find', { code: 2, times: 5 });
    const { status, headers } = await client.find('/Users', 'userName eq "a"');
    const expected = troubled.mongo.inject ? [503, '30'] : [200, null];
    expect([status, headers.get('retry-after')]).toEqual(expected);
    await troubled.close();
  });

  it('shows nothing of what is switched off, and takes nothing of it', async () => {
    const client = await server.connect({ name: 'Switched' });
    await server.connections.switch(client.connection._id, { groups: false });
    expect((await client.get('/Groups')).body['totalResults']).toBe(0);
    expect((await client.post('/Groups', { displayName: 'G' })).status).toBe(403);
    expect((await client.post('/Users', person('still'))).status).toBe(201);
  });
});

describe('what is refused', () => {
  it.each([
    ['an unknown attribute', 'noSuchThing eq "x"'],
    ['an operator of MongoDB', '$where eq "x"'],
    ['a prototype', '__proto__ eq "x"'],
    ['no operator', 'userName is "x"'],
    ['what ends too early', 'userName eq'],
    ['20,000 brackets', '('.repeat(4_000)],
    ['5,000 characters', `userName eq "${'x'.repeat(5_000)}"`],
    ['a text without an end', 'userName eq "x'],
  ])('a filter with %s', async (_what, filter) => {
    const { status, body } = await entra.find('/Users', filter);
    expect([status, body['scimType']]).toEqual([400, 'invalidFilter']);
  });

  it.each([
    ['no JSON', '{"userName":'],
    ['a prototype', '{"userName":"x","__proto__":{"a":1}}'],
    ['a dotted name', '{"userName":"x","name.givenName":"a"}'],
    ['an operator', '{"userName":"x","name":{"$set":1}}'],
    ['a depth of 1,000', `{"userName":"x","name":${'['.repeat(1_000)}${']'.repeat(1_000)}}`],
    ['a list', '[]'],
  ])('a body with %s', async (_what, body) => {
    const answer = await entra.call('POST', '/Users', body);
    expect([answer.status, answer.body['status']]).toEqual([400, '400']);
    expect(answer.headers.get('content-type')).toContain('application/scim+json');
  });

  it.each([
    ['PATCH', '/Users', 405],
    ['DELETE', '/Schemas', 405],
    ['GET', '/Schemas?filter=a', 403],
    ['GET', '/Me', 501],
    ['POST', '/Bulk', 501],
    ['GET', '/Elsewhere', 404],
  ])('%s %s', async (method, path, status) => {
    expect((await entra.call(method, path)).status).toBe(status);
  });
});

describe('what the server says of itself', () => {
  it('has configuration, types and schemas without nulls', async () => {
    const config = await entra.get('/ServiceProviderConfig');
    expect(config.body).toMatchObject({ patch: { supported: true }, bulk: { supported: false } });
    const schemas = await entra.get('/Schemas');
    expect(schemas.body).toMatchObject({ totalResults: 3 });
    expect(JSON.stringify(schemas.body)).not.toContain('null');
    expect((await entra.get(`/Schemas/${core.group}`)).body.id).toBe(core.group);
    expect((await entra.get('/ResourceTypes/User')).body).toMatchObject({ endpoint: '/Users' });
  });

  it('takes attributes that the connection allows, and no others', async () => {
    const urn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
    const client = await server.connect({ name: 'Extended', attributes: [`${urn}:badge`] });
    const { id } = await client.user('badge', { [urn]: { badge: 'blue', shoe: '42' } });
    expect((await client.get(`/Users/${id}`)).body[urn]).toEqual({ badge: 'blue' });
    expect((await client.find('/Users', `${urn}:badge eq "BLUE"`)).body['totalResults']).toBe(1);
    await client.patch(`/Users/${id}`, { op: 'replace', value: { [`${urn}:badge`]: 'red' } });
    expect((await client.get(`/Users/${id}`)).body[urn]).toEqual({ badge: 'red' });
  });
});

describe('lists', () => {
  let many: EntraClient;
  beforeAll(async () => {
    many = await server.connect({ name: 'Many' });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => many.user(name)));
  });
  const names = (body: Record<string, unknown>) =>
    (body['Resources'] as { displayName: string }[]).map(({ displayName }) => displayName);

  it('go page by page by index', async () => {
    const first = (await many.get('/Users?startIndex=1&count=3')).body;
    const second = (await many.get('/Users?startIndex=4&count=3')).body;
    expect(first).toMatchObject({ totalResults: 5, itemsPerPage: 3, startIndex: 1 });
    expect([...names(first), ...names(second)].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await many.get('/Users?count=0')).body).toMatchObject({
      totalResults: 5,
      Resources: [],
    });
    expect((await many.get('/Users?startIndex=-3&count=-1')).body).toMatchObject({
      itemsPerPage: 0,
    });
  });

  it('go page by page by cursor, each for its own question', async () => {
    const found: string[] = [];
    let cursor = '';
    do {
      const { body } = await many.get(`/Users?count=2&cursor=${cursor}`);
      found.push(...names(body));
      cursor = (body['nextCursor'] ?? '') as string;
    } while (cursor !== '');
    expect(found.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    const { body } = await many.get('/Users?count=2&cursor=');
    const elsewhere = await many.get(`/Groups?cursor=${String(body['nextCursor'])}`);
    expect(elsewhere.body).toMatchObject({ scimType: 'invalidCursor' });
  });

  it('are searched by POST, of one type and of all', async () => {
    await many.group('group');
    const search = { filter: 'displayName eq "b"', attributes: ['displayName'] };
    expect(names((await many.post('/Users/.search', search)).body)).toEqual(['b']);
    expect((await many.post('/.search', { count: 10 })).body['totalResults']).toBe(6);
  });

  it('answer the operators', async () => {
    const count = async (filter: string) =>
      (await many.find('/Users', filter)).body['totalResults'];
    expect(await count('userName sw "A@"')).toBe(1);
    expect(
      await count('userName co "contoso" and not (displayName eq "a" or displayName eq "b")'),
    ).toBe(3);
    expect(await count('title pr')).toBe(0);
    expect(await count('userName eq c@contoso.example')).toBe(1);
    expect(await count('meta.lastModified gt "2020-01-01T00:00:00Z" and active eq true')).toBe(5);
    expect(await count('displayName ne "a"')).toBe(4);
  });
});

describe('versions', () => {
  it('guard a change by If-Match, and spare a read by If-None-Match', async () => {
    const { id } = await entra.user('versioned');
    const renamed = person('versioned', { displayName: 'Renamed' });
    const stale = await entra.call('PUT', `/Users/${id}`, renamed, { 'if-match': 'W/"7"' });
    expect(stale.status).toBe(412);
    const fresh = await entra.call('PUT', `/Users/${id}`, renamed, { 'if-match': 'W/"1"' });
    expect([fresh.status, fresh.body['displayName'], fresh.headers.get('etag')]).toEqual([
      200,
      'Renamed',
      'W/"2"',
    ]);
    expect((await entra.get(`/Users/${id}`, { 'if-none-match': 'W/"2"' })).status).toBe(304);
    expect(
      (await entra.call('DELETE', `/Users/${id}`, undefined, { 'if-match': 'W/"1"' })).status,
    ).toBe(412);
  });
});

describe('groups of a person', () => {
  it('are shown to whoever asks for them, and are nobody’s to change', async () => {
    const { id } = await entra.user('grouped');
    const group = await entra.group('Readers', { members: [{ value: id }] });
    expect((await entra.get(`/Users/${id}`)).body).not.toHaveProperty('groups');
    const asked = await entra.get(`/Users/${id}?attributes=userName,groups`);
    expect(asked.body['groups']).toEqual([
      {
        ...{ value: group.id, $ref: `${entra.tenantUrl}/Groups/${group.id}` },
        ...{ display: 'Readers', type: 'direct' },
      },
    ]);
    const change = { op: 'add', path: 'groups', value: [{ value: 'x' }] };
    expect((await entra.patch(`/Users/${id}`, change)).body).toMatchObject({
      scimType: 'mutability',
    });
    const put = await entra.put(`/Users/${id}`, person('grouped', { groups: [{ value: 'x' }] }));
    expect([put.status, await entra.members(group.id)]).toEqual([200, [id]]);
    expect((await entra.find('/Users', 'groups.value eq "x"')).status).toBe(400);
  });
});

describe('a filter that no index answers', () => {
  it('is refused as tooMany where it would read too much, unless another term leads', async () => {
    const small = await startScim({ maxScanned: 2 });
    const client = await small.connect();
    const status = async (filter: string) => {
      const { status: code, body } = await client.find('/Users', filter);
      return [code, body['scimType']];
    };
    await Promise.all(['a', 'b'].map((name) => client.user(name)));
    expect(await status('title co "x"')).toEqual([200, undefined]);
    await client.user('c');
    expect(await status('title co "x"')).toEqual([400, 'tooMany']);
    expect(await status('displayName eq "a" or title co "x"')).toEqual([400, 'tooMany']);
    expect(await status('displayName eq "a" and title co "x"')).toEqual([200, undefined]);
    expect(await status('userName sw "a"')).toEqual([200, undefined]);
    expect((await client.get('/Users')).status).toBe(200);
    await small.close();
  });
});
