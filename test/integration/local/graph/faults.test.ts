import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { noFaults } from '../../../../src/local/graph/faults.ts';
import { handClock } from '../../../unit/local/graph/hand-clock.ts';
import { openClient, type Client } from './client.ts';

describe('the local Graph under faults', () => {
  const clock = handClock();
  let client: Client;

  beforeAll(async () => {
    client = await openClient({ clock, quota: 20, requireToken: false });
  });
  afterEach(() => {
    Object.assign(client.graph.faults, noFaults());
    clock.move(60_000);
  });
  afterAll(() => client.graph.close());

  it('answers from replicas that have not heard of a change yet', async () => {
    const { directory, faults } = client.graph;
    const id = directory.createUser();
    clock.move(10);
    faults.replicaLagMs = 1_000;
    const statuses = new Set<number>();
    for (let read = 0; read < 10; read += 1)
      statuses.add((await client.get(`/users/${id}`)).status);
    expect(statuses).toContain(404);
    clock.move(1_000);
    expect((await client.get(`/users/${id}`)).status).toBe(200);
  });

  it.each([
    ['throttleRate', 429],
    ['unavailableRate', 503],
    ['errorRate', 500],
    ['expiredTokenRate', 401],
  ] as const)('of kind %s answers %i', async (fault, status) => {
    client.graph.faults[fault] = 1;
    expect((await client.get('/users')).status).toBe(status);
  });

  it('answers parts of a batch 429 with their own Retry-After, once the quota is spent', async () => {
    const requests = Array.from({ length: 20 }, (_, id) => ({
      id: String(id),
      method: 'GET',
      url: '/users?$top=999',
    }));
    const { status, body } = await client.ask('POST', '/$batch', { requests });
    const parts = body['responses'] as { status: number; headers: Record<string, string> }[];
    const throttled = parts.filter((part) => part.status === 429);
    expect(status).toBe(200);
    expect(throttled).toHaveLength(10);
    expect(Number(throttled[0]?.headers['Retry-After'])).toBeGreaterThanOrEqual(1);
    const served = parts.flatMap((part) => (part.status === 200 ? [part.headers] : []));
    const shares = served.flatMap((headers) => headers['x-ms-throttle-limit-percentage'] ?? []);
    expect(shares.map(Number).sort()).toEqual([0.8, 0.9, 1]);
    clock.move(10_000);
    expect((await client.get('/users')).status).toBe(200);
  });

  it('keeps silent until the time is over', async () => {
    client.graph.faults.silenceRate = 1;
    // The clock that stands still turns the silence into an immediate end.
    expect((await client.get('/users')).status).toBe(504);
  });

  it('cuts bodies off, withdraws consent, refuses tokens', async () => {
    const { faults, port, tenantId } = client.graph;
    faults.malformedRate = 1;
    const { status, text } = await client.get('/users');
    expect(status).toBe(200);
    expect(() => void JSON.parse(text)).toThrow(SyntaxError);
    Object.assign(faults, { malformedRate: 0, forbidden: true, refusesTokens: true });
    expect((await client.get('/users')).status).toBe(403);
    const token = await fetch(`http://127.0.0.1:${port}/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'app' }),
    });
    expect(token.status).toBe(401);
  });

  it('thins members and leaves out service principals', async () => {
    const { directory, faults } = client.graph;
    const team = directory.createGroup();
    directory.addMember(team, directory.createUser({ displayName: 'Ann' }));
    directory.addMember(team, directory.createOther('servicePrincipal', { displayName: 'App' }));
    faults.thinnedMemberRate = 1;
    faults.membersOmitServicePrincipals = true;
    const { body } = await client.get(`/groups/${team}/members?$select=id,displayName`);
    expect(body.value).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: expect.any(String), displayName: null },
    ]);
    const edges = directory.snapshot().memberships.filter(({ groupId }) => groupId === team);
    expect(edges.map(({ memberType, hidden }) => ({ memberType, hidden }))).toEqual([
      { memberType: 'user', hidden: false },
      { memberType: 'servicePrincipal', hidden: true },
    ]);
  });

  it('forgets delta links and pages', async () => {
    const { body: page } = await client.get('/users?$top=5');
    client.graph.faults.pageExpiredRate = 1;
    expect(await client.get(String(page['@odata.nextLink']))).toMatchObject({
      status: 400,
      body: { error: { code: 'Directory_ExpiredPageToken' } },
    });
    const { body } = await client.get('/users/delta?$deltatoken=latest');
    client.graph.faults.deltaGoneRate = 1;
    expect((await client.get(String(body['@odata.deltaLink']))).status).toBe(410);
  });

  it('is steered by another process of this machine', async () => {
    const base = `http://127.0.0.1:${client.graph.port}/__local`;
    const ask = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${base}/${path}`, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const before = client.graph.directory.sequence;
    expect((await ask('POST', 'changes', { count: 5, seed: 2 })).body['done']).toHaveLength(5);
    expect((await ask('GET', 'state')).body).toMatchObject({ tenantId: client.graph.tenantId });
    expect(client.graph.directory.sequence).toBeGreaterThanOrEqual(before + 5);
    expect((await ask('GET', 'snapshot')).body).toEqual(
      JSON.parse(JSON.stringify(client.graph.directory.snapshot())),
    );
    expect((await ask('PATCH', 'faults', { errorRate: 1 })).status).toBe(200);
    expect(client.graph.faults.errorRate).toBe(1);
    expect((await ask('PATCH', 'faults', { noSuchFault: 1 })).status).toBe(400);
    expect(
      (await fetch(`${base}/state`, { headers: { origin: 'http://example.com' } })).status,
    ).toBe(403);
  });
});
