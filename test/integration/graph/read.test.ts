import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import type { ObjectRef } from '../../../src/change.ts';
import { TenantError } from '../../../src/ops/errors.ts';
import { host, realClient } from './real-client.ts';

interface Request {
  id: string;
  method: string;
  url: string;
}
interface Part {
  id: string;
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const user = (id: string): ObjectRef => ({ type: 'user', id });
const idOf = ({ url }: Request) => decodeURIComponent(/^\/[^?]*\/([^/?]+)\?/.exec(url)?.[1] ?? '');
const notFound = { error: { code: 'Request_ResourceNotFound', message: 'gone' } };

/** Answers every `$batch`; parts in reverse order. */
function answerBatches(answer: (request: Request) => Partial<Part>): Request[][] {
  const batches: Request[][] = [];
  nock(host)
    .persist()
    .post('/v1.0/$batch')
    .reply(200, (_uri, body) => {
      const { requests } = body as { requests: Request[] };
      batches.push(requests);
      const responses = requests.map((request) => ({
        id: request.id,
        status: 200,
        ...answer(request),
      }));
      return { responses: responses.reverse() };
    });
  return batches;
}

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

describe('reading objects', () => {
  it('asks for 20 whole objects a batch and puts parts that come in any order in order', async () => {
    const batches = answerBatches((request) => ({
      body: { id: idOf(request), mail: idOf(request) },
    }));
    const refs = Array.from({ length: 45 }, (_, index) => user(`u${index}`));

    const reads = await realClient().graph.read(refs, 'notification');

    expect(batches.map(({ length }) => length).sort()).toEqual([20, 20, 5]);
    expect(batches[0]?.[0]?.url).toMatch(
      /^\/users\/u0\?\$select=id,.*mail.*&\$expand=manager\(\$select=id\)$/,
    );
    expect(reads.map((read) => (read.kind === 'found' ? read.object.id : read.kind))).toEqual(
      refs.map(({ id }) => id),
    );
  });

  it('looks in deletedItems for what is not there, in a second batch', async () => {
    const batches = answerBatches((request) => {
      if (idOf(request) === 'here') return { body: { id: 'here' } };
      const isDeleted = request.url.startsWith('/directory/deletedItems/deleted');
      return isDeleted ? { body: { id: 'deleted' } } : { status: 404, body: notFound };
    });

    const refs = [user('purged'), user('here'), { type: 'group' as const, id: 'deleted' }];
    const reads = await realClient().graph.read(refs, 'sweep');

    expect(reads.map(({ kind }) => kind)).toEqual(['missing', 'found', 'softDeleted']);
    expect(batches).toHaveLength(2);
    expect(batches[0]?.[2]?.url).toMatch(/^\/groups\/deleted\?\$select=/);
    expect(batches[1]?.map(({ url }) => url)).toEqual([
      '/directory/deletedItems/purged?$select=id',
      '/directory/deletedItems/deleted?$select=id',
    ]);
  });

  it('judges each part alone', async () => {
    const answers: Record<string, Partial<Part>> = {
      throttled: { status: 429, headers: { 'RETRY-after': '7' }, body: {} },
      busy: { status: 503, headers: { 'Retry-After': '3' } },
      broken: { status: 500, body: '<html>' },
      odd: { body: { displayName: 'no id' } },
      html: { body: '<html>' },
      bad: { status: 400, body: { error: { code: 'BadRequest', message: 'no' } } },
      forbidden: { status: 403, body: { error: { code: 'Denied', message: 'not you' } } },
      lost: { id: 'nobody' },
      senseless: { status: 'ok' as never },
      here: { body: { id: 'here' } },
    };
    answerBatches((request) => answers[idOf(request)] ?? {});

    const refs = Object.keys(answers).map(user);
    const reads = await realClient().graph.read(refs, 'onDemand');

    expect(reads).toMatchObject([
      { kind: 'throttled', retryAfterMs: 7_000 },
      { kind: 'throttled', retryAfterMs: 3_000 },
      { kind: 'failed' },
      { kind: 'failed' },
      { kind: 'failed' },
      { kind: 'refused', code: 'BadRequest' },
      { kind: 'refused', code: 'Denied', message: 'not you' },
      { kind: 'failed' },
      { kind: 'failed' },
      { kind: 'found' },
    ]);
  });

  it('holds every lane of the tenant after a throttled part', async () => {
    answerBatches(() => ({ status: 429, headers: { 'retry-after': '60' } }));
    const { graph, governor } = realClient();

    await graph.read([user('a')], 'audit');
    const reads = await graph.read([user('b')], 'notification');

    expect(reads).toMatchObject([{ kind: 'throttled' }]);
    expect(governor.stats()).toMatchObject({ requests: 1, throttled: 1, underWay: 0, waiting: 0 });
  });

  it('keeps what other batches found when one of them fails', async () => {
    nock(host).post('/v1.0/$batch').reply(502, '<html>bad gateway</html>');
    answerBatches((request) => ({ body: { id: idOf(request) } }));
    const refs = Array.from({ length: 21 }, (_, index) => user(`u${index}`));

    const kinds = (await realClient().graph.read(refs, 'sweep')).map(({ kind }) => kind);

    expect(new Set(kinds)).toEqual(new Set(['found', 'failed']));
  });

  it.each<[string, number, unknown, string]>([
    ['no JSON', 200, 'not json', 'failed'],
    ['an empty body', 200, '', 'failed'],
    ['another shape', 200, { value: [] }, 'failed'],
    ['a whole batch refused, which tells nothing of one object', 400, {}, 'failed'],
    ['throttling of the whole', 429, {}, 'throttled'],
  ])('a batch answered with %s fails its objects only', async (_name, status, body, kind) => {
    nock(host)
      .post('/v1.0/$batch')
      .reply(status, body as nock.Body);

    expect(await realClient().graph.read([user('a')], 'sweep')).toMatchObject([{ kind }]);
  });

  it('blames the tenant, not its objects, where consent is gone', async () => {
    answerBatches(() => ({
      status: 403,
      body: { error: { code: 'Authorization_RequestDenied' } },
    }));
    nock(host).get('/v1.0/users?$select=id&$top=1').reply(403, {});

    await expect(realClient().graph.read([user('a')], 'sweep')).rejects.toThrow(TenantError);
  });

  it('blames the object where the tenant may still list', async () => {
    answerBatches(() => ({ status: 403, body: { error: { code: 'Denied', message: '' } } }));
    nock(host).get('/v1.0/users?$select=id&$top=1').reply(200, { value: [] });

    const reads = await realClient().graph.read([user('a')], 'sweep');
    expect(reads).toEqual([{ kind: 'refused', code: 'Denied', message: '' }]);
  });

  it('blames the tenant where the token is refused', async () => {
    nock(host).post('/v1.0/$batch').twice().reply(401, {});

    await expect(realClient().graph.read([user('a')], 'sweep')).rejects.toThrow(TenantError);
  });

  it('sends nothing for nothing', async () => {
    expect(await realClient().graph.read([], 'sweep')).toEqual([]);
  });

  it('cannot be led to another path by an id', async () => {
    const batches = answerBatches(() => ({ status: 404, body: notFound }));
    await realClient().graph.read([user('../groups/x?$a=b#')], 'sweep');
    expect(batches[0]?.[0]?.url).toMatch(/^\/users\/\.\.%2Fgroups%2Fx%3F%24a%3Db%23\?\$select=/);
  });
});
