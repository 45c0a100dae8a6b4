import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { createGovernor } from '../../../src/graph/governor.ts';
import { createGraph } from '../../../src/graph/graph.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import {
  ConfigError,
  LinkExpiredError,
  PermanentError,
  TenantError,
  ThrottledError,
} from '../../../src/ops/errors.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { FakeCredential, host, realClient } from './real-client.ts';

const latestUsers = (uri: string) => uri.startsWith('/v1.0/users/delta?');
const link = `${host}/v1.0/users/delta?$deltatoken=abc_-`;

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

describe('a list', () => {
  it('is asked for by 999, whole, and followed by links without a host', async () => {
    let asked = '';
    nock(host)
      .get((uri) => uri.startsWith('/v1.0/users?$select='))
      .reply(200, (uri) => {
        asked = uri;
        return {
          value: [{ id: 'a', manager: { id: 'm' } }],
          '@odata.nextLink': `${host}/v1.0/users?$skiptoken=p2`,
        };
      });
    nock(host)
      .get('/v1.0/users?$skiptoken=p2')
      .reply(200, { value: [{ id: 'b' }] });
    const { graph } = realClient();

    const first = await graph.listPage('user', undefined, 'sweep');
    const second = await graph.listPage('user', first.nextLink, 'sweep');

    expect(asked).toMatch(/\$select=id,.*&\$expand=manager\(\$select=id\)&\$top=999$/);
    expect(first).toMatchObject({
      objects: [{ type: 'user', id: 'a', managerId: 'm', properties: { mail: null } }],
      nextLink: '/users?$skiptoken=p2',
    });
    expect(second).toMatchObject({ objects: [{ id: 'b', managerId: null }] });
    expect(second).not.toHaveProperty('nextLink');
  });

  it.each([
    ['a page without a list', { values: [] }],
    ['an object without an id', { value: [{ displayName: 'x' }] }],
    ['a link that is no text', { value: [], '@odata.nextLink': 5 }],
    ['null', 'null'],
  ])('of %s fails as malformed', async (_name, body) => {
    nock(host)
      .get(/\/groups/)
      .reply(200, body, { 'content-type': 'application/json' });
    const page = realClient().graph.listPage('group', undefined, 'audit');
    await expect(page).rejects.toMatchObject({
      name: 'MalformedAnswerError',
      message: /cannot be read/,
    });
  });

  it('does not follow a link to another host, nor take the token there', async () => {
    const elsewhere = 'https://evil.example/v1.0/users?$skiptoken=x';
    nock(host)
      .get(/\/users/)
      .reply(200, { value: [], '@odata.nextLink': elsewhere });
    const { graph } = realClient();
    await expect(graph.listPage('user', undefined, 'sweep')).rejects.toThrow(LinkExpiredError);
    await expect(graph.listPage('user', elsewhere, 'sweep')).rejects.toThrow(LinkExpiredError);
  });
});

describe('delta', () => {
  it.each([
    ['user', /\$select=id,.*,manager&\$deltatoken=latest$/],
    ['group', /\$select=id,.*,members,owners&\$deltatoken=latest$/],
  ] as const)('of %ss from now on tracks relations', async (type, query) => {
    let asked = '';
    nock(host)
      .get((uri) => uri.startsWith(`/v1.0/${type}s/delta?`))
      .reply(200, (uri) => {
        asked = uri;
        return { value: [], '@odata.deltaLink': `${host}/v1.0/${type}s/delta?$deltatoken=new` };
      });
    const latest = await realClient().graph.latestLink(type, 'sweep');
    expect(latest).toBe(`/${type}s/delta?$deltatoken=new`);
    expect(asked).toMatch(query);
  });

  it('follows a link as it is, asking for changed properties only, at low priority', async () => {
    nock(host, {
      reqheaders: {
        prefer: 'return=minimal',
        authorization: 'Bearer token-1',
        'x-ms-throttle-priority': 'low',
      },
    })
      .get('/v1.0/users/delta?$deltatoken=abc_-')
      .reply(200, {
        value: [{ id: 'u' }],
        '@odata.nextLink': `${host}/v1.0/users/delta?$skiptoken=2`,
      });
    const page = await realClient().graph.deltaPage('user', link, 'sweep');
    expect(page).toEqual({
      items: [{ type: 'user', id: 'u', properties: {}, edges: [] }],
      nextLink: '/users/delta?$skiptoken=2',
    });
  });

  it('page without any link is not the end of a round but an error', async () => {
    nock(host).get(latestUsers).reply(200, { value: [] });
    await expect(realClient().graph.deltaPage('user', link, 'sweep')).rejects.toThrow(/no link/);
  });

  it.each([
    [410, { error: { code: 'SyncStateNotFound' } }],
    [400, { error: { code: 'resyncRequired' } }],
  ])('link that Graph answers %d is expired', async (status, body) => {
    nock(host).get(latestUsers).reply(status, body);
    const page = realClient().graph.deltaPage('user', link, 'sweep');
    await expect(page).rejects.toThrow(LinkExpiredError);
  });
});

describe('a request', () => {
  it.each<[number, unknown, new (...args: never[]) => Error]>([
    [401, {}, TenantError],
    [403, { error: { code: 'Authorization_RequestDenied', message: '' } }, TenantError],
    [429, '', ThrottledError],
    [400, { error: { code: 'BadRequest', message: '' } }, PermanentError],
    [502, '<html>bad gateway</html>', Error],
    [302, '', Error],
  ])('answered %d throws what that means', async (status, body, kind) => {
    const headers = { location: 'https://evil.example/', 'content-type': 'text/html' };
    nock(host)
      .get(latestUsers)
      .times(status === 401 ? 2 : 1)
      .reply(status, body as nock.Body, headers);
    await expect(realClient().graph.latestLink('user', 'sweep')).rejects.toThrow(kind);
  });

  it('is sent once: nothing below the budget tries again', async () => {
    nock(host).get(latestUsers).reply(503, {}, { 'retry-after': '0' });
    const { graph, governor } = realClient();
    await expect(graph.latestLink('user', 'sweep')).rejects.toThrow(ThrottledError);
    expect(governor.stats()).toMatchObject({ requests: 1, underWay: 0 });
  });

  it('ends after its time', async () => {
    nock(host).get(latestUsers).delay(5_000).reply(200, {});
    const { graph, governor } = realClient({ timeouts: { requestMs: 50 } });
    await expect(graph.latestLink('user', 'sweep')).rejects.toThrow('no answer within 50 ms');
    expect(governor.stats().underWay).toBe(0);
    nock.abortPendingRequests();
  });

  it('ends with its caller', async () => {
    nock(host).get(latestUsers).delay(5_000).reply(200, {});
    const controller = new AbortController();
    const latest = realClient().graph.latestLink('user', 'sweep', controller.signal);
    controller.abort(new Error('shutting down'));
    await expect(latest).rejects.toThrow('shutting down');
    nock.abortPendingRequests();
  });

  it('that reaches nobody says so', async () => {
    nock.enableNetConnect('127.0.0.1');
    const { graph } = realClient({ baseUrl: `http://127.0.0.1:${await closedPort()}` });
    await expect(graph.latestLink('user', 'sweep')).rejects.toThrow('Graph cannot be reached');
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the token', () => {
  const answerLatest = (times: number) =>
    nock(host).get(latestUsers).times(times).reply(200, { value: [], '@odata.deltaLink': link });

  it('is asked for once by requests that start together, and kept', async () => {
    answerLatest(3);
    const credential = new FakeCredential();
    const { graph } = realClient({ credential });
    await Promise.all([graph.latestLink('user', 'sweep'), graph.latestLink('user', 'sweep')]);
    await graph.latestLink('user', 'sweep');
    expect(credential.asked).toHaveLength(1);
  });

  it('is asked for anew, past every cache, after Graph refused it', async () => {
    nock(host).get(latestUsers).reply(403, {});
    answerLatest(1);
    const credential = new FakeCredential();
    const { graph } = realClient({ credential });
    await expect(graph.latestLink('user', 'sweep')).rejects.toThrow(TenantError);
    await graph.latestLink('user', 'sweep');
    expect(credential.asked.map((options) => options?.claims !== undefined)).toEqual([false, true]);
  });

  it('that ended on its way is replaced, and the request sent once more', async () => {
    nock(host).get(latestUsers).matchHeader('authorization', 'Bearer token-1').reply(401, {});
    nock(host)
      .get(latestUsers)
      .matchHeader('authorization', 'Bearer token-2')
      .reply(200, { value: [], '@odata.deltaLink': link });
    const latest = await realClient().graph.latestLink('user', 'sweep');
    expect(latest).toBe('/users/delta?$deltatoken=abc_-');
  });

  it('that never comes is given up', async () => {
    const credential = new FakeCredential();
    credential.answer = () => new Promise(() => undefined);
    const { graph } = realClient({ credential, timeouts: { tokenMs: 30 } });
    const latest = graph.latestLink('user', 'sweep');
    await expect(latest).rejects.toThrow('the token endpoint gave no answer within 30 ms');
  });

  it.each([
    ['AADSTS700016: not found in the directory', 'consent'],
    ['AADSTS7000215: Invalid client secret provided', 'the value of the secret, not its id'],
    ['AADSTS7000222: expired', 'new one'],
    ['AADSTS1: new', 'AADSTS1'],
  ])('refused with %s says what to do', async (message, advice) => {
    const credential = new FakeCredential();
    credential.answer = async () => Promise.reject(new Error(message));
    await expect(
      realClient({ credential }).graph.read([{ type: 'user', id: 'a' }], 'sweep'),
    ).rejects.toMatchObject({ name: 'TenantError', advice: expect.stringContaining(advice) });
  });

  it('refused for a moment is no trouble of the tenant', async () => {
    const credential = new FakeCredential();
    credential.answer = async () => Promise.reject(new Error('AADSTS90033: transient'));
    const reads = await realClient({ credential }).graph.read([{ type: 'user', id: 'a' }], 'sweep');
    expect(reads).toMatchObject([{ kind: 'failed' }]);
  });

  it('is never sent in the clear, but to a Graph on loopback', () => {
    const make = (baseUrl: string) => realClient({ baseUrl }).graph.shape;
    expect(() => make('http://graph.example')).toThrow(ConfigError);
    expect(make('http://127.0.0.1:1')).toBe(make(host));
  });
});

it('a property that Graph cannot have is a wrong setting', () => {
  const deps = { tenantId: 't', baseUrl: host, clock: systemClock, log: silentLog };
  const governor = createGovernor(deps);
  const properties = { user: { extra: ['no/name'] } };
  const make = () =>
    createGraph({ ...deps, governor, properties, credential: new FakeCredential() });
  expect(make).toThrow(ConfigError);
});
