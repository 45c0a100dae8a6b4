import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchToken, openClient, type Client } from './client.ts';

const hire = (name: string, changes: Record<string, unknown> = {}) => ({
  accountEnabled: true,
  displayName: name,
  mailNickname: name,
  userPrincipalName: `${name}@northwind.example`,
  passwordProfile: { password: 'Long-Enough-1', forceChangePasswordNextSignIn: true },
  ...changes,
});

describe('writes to the local Graph', () => {
  let client: Client;
  let headers: { authorization: string };
  const post = (body: object) => client.ask('POST', '/users', body, headers);
  const patch = (id: unknown, body: object) =>
    client.ask('PATCH', `/users/${String(id)}`, body, headers);
  const make = async (name: string, changes = {}) =>
    String((await post(hire(name, changes))).body['id']);
  const read = async (id: string, select: string) =>
    (await client.get(`/users/${id}?$select=${select}&$expand=manager($select=id)`)).body;

  beforeAll(async () => {
    client = await openClient();
    const token = await fetchToken(client.graph, client.graph.tenantId, 'entra-mirror-hr');
    headers = { authorization: `Bearer ${token}` };
  });
  afterAll(() => client.graph.close());

  it('create a person and answer with the default properties, without the password', async () => {
    const { status, body } = await post(
      hire('ada', { employeeId: 'E1', mail: 'ada@northwind.example' }),
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({ displayName: 'ada', userPrincipalName: 'ada@northwind.example' });
    expect(body).not.toHaveProperty('employeeId');
    const id = String(body['id']);
    expect(await read(id, 'employeeId,proxyAddresses,passwordProfile')).toMatchObject({
      employeeId: 'E1',
      proxyAddresses: ['SMTP:ada@northwind.example'],
      passwordProfile: null,
    });
  });

  it('find people by principal name, and by what can be filtered without further headers', async () => {
    const id = await make('bea', { employeeId: 'E2' });
    expect((await client.get('/users/BEA@northwind.example')).body['id']).toBe(id);
    const filter = "employeeId eq 'E2' or mail eq 'nobody@northwind.example'";
    const { body } = await client.get(`/users?$filter=${encodeURIComponent(filter)}`);
    expect(body.value.map((item) => item['id'])).toEqual([id]);
    expect((await client.get("/users?$filter=employeeType eq 'x'")).status).toBe(400);
  });

  it('change what is sent and nothing else, and clear with null', async () => {
    const id = await make('cleo', { jobTitle: 'Nurse', city: 'Oslo' });
    expect((await patch(id, { jobTitle: null, department: 'Care' })).status).toBe(204);
    expect(await read(id, 'jobTitle,city,department')).toMatchObject({
      jobTitle: null,
      city: 'Oslo',
      department: 'Care',
    });
  });

  it.each([
    [{ userPrincipalName: 'x@pending.example' }, 'userPrincipalName', 'verified domain names'],
    [{ mailNickname: 'a,b' }, 'mailNickname', 'Invalid value specified'],
    [{ city: '' }, 'city', 'Invalid value specified'],
    [{ mail: null }, 'mail', 'Invalid value specified'],
    [{ nickName: 'x' }, 'nickName', 'Invalid value specified'],
    [{ userPrincipalName: 'DORA@northwind.example' }, 'userPrincipalName', 'already exists'],
    [{ mail: 'dora@northwind.example' }, 'proxyAddresses', 'already exists'],
  ])('refuse %j and name the property', async (change, target, message) => {
    if ((await client.get('/users/dora@northwind.example')).status === 404) {
      await make('dora', { mail: 'dora@northwind.example' });
    }
    const id = await client.get('/users/ada@northwind.example');
    const { status, body } = await patch(id.body['id'], change);
    expect(status).toBe(400);
    expect(body['error']).toMatchObject({
      code: 'Request_BadRequest',
      message: expect.stringContaining(message),
      details: [{ target }],
    });
  });

  it('refuse a weak password and a missing property', async () => {
    expect((await post(hire('eva', { passwordProfile: { password: 'weak' } }))).status).toBe(400);
    expect((await post(hire('eva', { mailNickname: undefined }))).status).toBe(400);
  });

  it('refuse to change who is mastered on-premises', async () => {
    const id = client.graph.directory.createUser({ onPremisesSyncEnabled: true });
    const { status, body } = await patch(id, { city: 'Bergen' });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('on-premises mastered');
  });

  it('set and clear a manager by reference', async () => {
    const [id, boss] = [await make('finn'), await make('gro')];
    const reference = (managerId: string) => ({
      '@odata.id': `${client.graph.url}/users/${managerId}`,
    });
    const path = `/users/${id}/manager/$ref`;
    expect((await client.ask('PUT', path, reference(boss), headers)).status).toBe(204);
    expect((await read(id, 'id'))['manager']).toMatchObject({ id: boss });
    expect((await client.ask('PUT', path, reference('nobody'), headers)).status).toBe(404);
    expect((await client.ask('DELETE', path, undefined, headers)).status).toBe(204);
    expect(await read(id, 'id')).not.toHaveProperty('manager');
  });

  it('show verified domains of the organization, and all of them apart', async () => {
    const { body } = await client.get('/organization');
    const domains = body.value[0]?.['verifiedDomains'] as { name: string; type: string }[];
    expect(domains.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'northwind.example Managed',
      'northwind.onmicrosoft.com Managed',
      'federated.northwind.example Federated',
    ]);
    expect((await client.get('/domains')).body.value).toContainEqual(
      expect.objectContaining({ id: 'pending.example', isVerified: false }),
    );
  });

  it('are granted to the writing application only, and its token says so', async () => {
    expect((await client.ask('POST', '/users', hire('hal'))).status).toBe(403);
    const claims = Buffer.from(headers.authorization.split('.')[1]!, 'base64url').toString();
    expect(JSON.parse(claims)).toMatchObject({
      roles: expect.arrayContaining(['User.ReadWrite.All']),
    });
  });

  it('have a quota of their own', async () => {
    const { tenantId } = client.graph.addTenant('small', { users: 1, groups: 0, writeQuota: 2 });
    const token = await fetchToken(client.graph, tenantId, 'entra-mirror-hr');
    const authorization = `Bearer ${token}`;
    const answers = [];
    for (const name of ['ida', 'jon', 'kim'])
      answers.push(await client.ask('POST', '/users', hire(name), { authorization }));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
    expect(answers[2]?.headers.get('x-ms-throttle-information')).toBe('WriteLimitExceeded');
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(30);
  });

  it('may be answered 204 and never show, where that fault is drawn', async () => {
    const id = await make('lea');
    client.graph.faults.ignoredWriteRate = 1;
    expect((await patch(id, { city: 'Lund' })).status).toBe(204);
    client.graph.faults.ignoredWriteRate = 0;
    expect(await read(id, 'city')).toMatchObject({ city: null });
  });
});
