import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Change, PublishChanges } from '../../../src/change.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { createReceiver } from '../../../src/receive/receiver.ts';
import { hashClientState } from '../../../src/receive/authenticity.ts';
import type { Known, KnownSubscriptions } from '../../../src/receive/known-subscriptions.ts';
import type { ReceiverLimits } from '../../../src/receive/receiver-limits.ts';
import { until } from '../../support/until.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const ours: Known = {
  tenantId: 'tenant-1',
  subscriptionId: 'sub-1',
  clientStateHash: hashClientState('secret'),
};
const onlyOurs: KnownSubscriptions = {
  lookup: async (id, hash) =>
    id === ours.subscriptionId || hash === ours.clientStateHash ? ours : 'unknown',
};
const never = () => new Promise<never>(() => undefined);

async function receiverWith({
  publish,
  subscriptions = onlyOurs,
  limits = {},
}: {
  publish?: PublishChanges;
  subscriptions?: KnownSubscriptions;
  limits?: Partial<ReceiverLimits>;
} = {}) {
  const queued: { tenantId: string; change: Change; traceparent: string | undefined }[] = [];
  const accept: PublishChanges = async (tenantId, changes, options) => {
    for (const change of changes) {
      queued.push({ tenantId, change, traceparent: options?.traceparent });
    }
  };
  const receiver = createReceiver({
    publish: publish ?? accept,
    subscriptions,
    log: silentLog,
    clock: systemClock,
    limits,
  });
  const app = express();
  app.disable('x-powered-by');
  app.use(receiver.router);
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (body: string | object, path = '/notifications', headers = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { receiver, url, post, queued, ids: () => queued.map(({ change }) => change.id) };
}

const item = (id: string, changes: object = {}) => ({
  subscriptionId: 'sub-1',
  tenantId: 'tenant-1',
  clientState: 'secret',
  changeType: 'updated',
  resource: `Users/${id}`,
  resourceData: { '@odata.type': '#Microsoft.Graph.User', id },
  ...changes,
});

describe('the handshake', () => {
  it.each(['/notifications', '/lifecycle'])(
    'answers at %s with the token decoded once and HTML-escaped',
    async (path) => {
      const { url } = await receiverWith({ publish: never });
      const query = '?validationToken=Validation%3A+Testing%20%3Cb%3E%2B1%2541';
      const response = await fetch(url + path + query, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('Validation: Testing &lt;b&gt;+1%41');
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      for (const name of ['set-cookie', 'etag', 'x-powered-by']) {
        expect(response.headers.get(name)).toBeNull();
      }
    },
  );

  it.each([
    ['a token of 4,096 characters', 'a'.repeat(4_096), 200],
    ['one more', 'a'.repeat(4_097), 400],
    ['no token', '', 400],
    ['two tokens', 'a&validationToken=b', 400],
  ])('with %s', async (_, token, status) => {
    const { post } = await receiverWith();
    expect((await post('', `/lifecycle?validationToken=${token}`)).status).toBe(status);
  });

  it('is served while everything else is refused', async () => {
    const { post } = await receiverWith({ limits: { maxRequests: 0 } });
    expect((await post({ value: [] })).status).toBe(503);
    expect((await post('', '/notifications?validationToken=hello')).status).toBe(200);
  });
});

describe('invariant 1: nothing acknowledged is lost', () => {
  it('answers 202 only after the queue has accepted', async () => {
    let accept = () => undefined as unknown;
    const { post, receiver } = await receiverWith({
      publish: () => new Promise((resolve) => (accept = () => resolve())),
    });
    let answered = false;
    const response = post({ value: [item('u1')] }).finally(() => (answered = true));
    await until(() => receiver.stats.lastReceiptAt);
    expect(answered).toBe(false);
    accept();
    expect((await response).status).toBe(202);
    expect(receiver.stats).toMatchObject({ accepted: 1, queued: 1 });
  });

  it('answers 503 where the queue refuses', async () => {
    const { post, receiver } = await receiverWith({
      publish: () => Promise.reject(new Error('the queue is away')),
    });
    const response = await post({ value: [item('u1')] });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(receiver.stats).toMatchObject({ accepted: 0, queued: 0, refused: 1 });
  });

  it('consistency 6.2: answers 503 and stops the send where the queue hangs', async () => {
    let signal: AbortSignal | undefined;
    const { post } = await receiverWith({
      publish: (_tenantId, _changes, options) => {
        signal = options?.signal;
        return never();
      },
      limits: { enqueueMs: 30 },
    });
    expect((await post({ value: [item('u1')] })).status).toBe(503);
    expect(signal?.aborted).toBe(true);
  });

  it('answers 503 where one of several sets is refused', async () => {
    const theirs: Known = { ...ours, tenantId: 'tenant-2', subscriptionId: 'sub-2' };
    const { post } = await receiverWith({
      subscriptions: { lookup: async (id) => (id === 'sub-2' ? theirs : ours) },
      publish: async (tenantId) => {
        if (tenantId === 'tenant-2') throw new Error('refused');
      },
    });
    const other = item('u2', { subscriptionId: 'sub-2', tenantId: 'tenant-2' });
    expect((await post({ value: [item('u1'), other] })).status).toBe(503);
    expect((await post({ value: [item('u1')] })).status).toBe(202);
  });

  it('gathers POSTs that are under way together into few sets, and loses none', async () => {
    let sends = 0;
    const sent: string[] = [];
    const { post } = await receiverWith({
      publish: async (_tenantId, changes) => {
        sends += 1;
        await systemClock.sleep(20);
        sent.push(...changes.map(({ id }) => id));
      },
    });
    const ids = Array.from({ length: 40 }, (_, index) => `u${index}`);
    const answers = await Promise.all(ids.map((id) => post({ value: [item(id)] })));
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 202));
    expect(sent.sort()).toEqual(ids.sort());
    expect(sends).toBeLessThan(40);
  });
});

describe('a POST', () => {
  it.each([
    ['broken JSON', '{"value":', 400],
    ['no collection', {}, 400],
    ['a value that is no list', { value: {} }, 400],
    ['null', 'null', 400],
    ['nothing', '', 400],
    ['an empty collection', { value: [] }, 202],
    ['over 4 MiB', ' '.repeat(4 * 1_024 * 1_024 + 1), 413],
  ])('with %s', async (_, body, status) => {
    const { post } = await receiverWith();
    expect((await post(body)).status).toBe(status);
  });

  it('keeps its good items where others are bad', async () => {
    const { post, ids, receiver } = await receiverWith();
    const tooLong = item('x'.repeat(65));
    expect((await post({ value: [null, item('u1'), tooLong, item('u2')] })).status).toBe(202);
    expect(ids()).toEqual(['u1', 'u2']);
    expect(receiver.stats).toMatchObject({ malformed: 2, queued: 2 });
  });

  it('takes numbers beyond 2^53 without harm', async () => {
    const { post, queued } = await receiverWith();
    const body = JSON.stringify({ value: [item('u1')] }).replace(
      '"id":"u1"',
      '"id":"u1","sequenceNumber":636784480202455800,"eventTime":"2026-11-29T10:00:00.1234567Z"',
    );
    expect((await post(body)).status).toBe(202);
    expect(queued[0]?.change).toMatchObject({
      id: 'u1',
      eventTime: '2026-11-29T10:00:00.1234567Z',
    });
    expect(JSON.stringify(queued)).not.toContain('6367844');
  });

  it('turns a lifecycle event into a change of its subscription', async () => {
    const { post, queued } = await receiverWith();
    const event = {
      subscriptionId: 'sub-1',
      tenantId: 'tenant-1',
      clientState: 'secret',
      lifecycleEvent: 'missed',
    };
    expect((await post({ value: [event] }, '/lifecycle')).status).toBe(202);
    expect(queued[0]?.change).toMatchObject({
      type: 'subscription',
      id: 'sub-1',
      lifecycle: 'missed',
      origin: 'notification',
    });
  });

  it('hands on its W3C trace context', async () => {
    const { post, queued } = await receiverWith();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await post({ value: [item('u1')] }, '/notifications', { traceparent });
    expect(queued[0]?.traceparent).toBe(traceparent);
  });
});

describe('who is not ours', () => {
  it.each([
    ['a wrong clientState', { clientState: 'wrong' }, 'mismatched'],
    ['no clientState', { clientState: undefined }, 'mismatched'],
    ['a wrong tenant', { tenantId: 'tenant-2' }, 'mismatched'],
    ['an unknown subscription', { subscriptionId: 'sub-9', clientState: 'x' }, 'unknown'],
  ] as const)('is answered 202 and not queued: %s', async (_, wrong, counter) => {
    const { post, ids, receiver } = await receiverWith();
    expect((await post({ value: [item('u1', wrong), item('u2')] })).status).toBe(202);
    expect(ids()).toEqual(['u2']);
    expect(receiver.stats).toMatchObject({ [counter]: 1, queued: 1 });
  });

  it('consistency 7.1: is not a subscription whose create call has not returned', async () => {
    const { post, ids } = await receiverWith();
    expect((await post({ value: [item('u1', { subscriptionId: 'new' })] })).status).toBe(202);
    expect(ids()).toEqual(['u1']);
  });

  it('consistency 6.1: cannot be told with MongoDB away: 503, while known ones are queued', async () => {
    const { post, ids, receiver } = await receiverWith({
      subscriptions: { lookup: async (id) => (id === 'sub-1' ? ours : 'cannotTell') },
    });
    const fresh = item('u2', { subscriptionId: 'sub-new' });
    expect((await post({ value: [item('u1'), fresh] })).status).toBe(503);
    expect(ids()).toEqual(['u1']);
    expect(receiver.stats).toMatchObject({ cannotTell: 1, queued: 1, refused: 1 });
  });
});

describe('the bounds of the receiver', () => {
  it('refuse at once past the number of requests', async () => {
    let accept = () => undefined as unknown;
    const { post, receiver } = await receiverWith({
      publish: () => new Promise((resolve) => (accept = () => resolve())),
      limits: { maxRequests: 1 },
    });
    const held = post({ value: [item('u1')] });
    await until(() => receiver.stats.lastReceiptAt);
    expect((await post({ value: [item('u2')] })).status).toBe(503);
    accept();
    expect((await held).status).toBe(202);
  });

  it('refuse past the bytes held, and give them back', async () => {
    const { post } = await receiverWith({ limits: { maxHeldBytes: 1_000 } });
    expect((await post({ value: [item('u1')] })).status).toBe(202);
    expect((await post(' '.repeat(1_001))).status).toBe(503);
    expect((await post({ value: [item('u1')] })).status).toBe(202);
  });

  it('cut off a body without end', async () => {
    const { post } = await receiverWith({ limits: { maxBodyBytes: 1_000 } });
    await expect(post(' '.repeat(4_000_000))).rejects.toThrow();
    expect((await post({ value: [] })).status).toBe(202);
  });

  it('answer 503 where anything unexpected happens', async () => {
    const { post } = await receiverWith({
      subscriptions: { lookup: () => Promise.reject(new Error('a bug')) },
    });
    expect((await post({ value: [item('u1')] })).status).toBe(503);
    expect((await post({ value: [] })).status).toBe(202);
  });

  it('close by refusing what is new and finishing what is under way', async () => {
    let accept = () => undefined as unknown;
    const { post, receiver } = await receiverWith({
      publish: () => new Promise((resolve) => (accept = () => resolve())),
    });
    const held = post({ value: [item('u1')] });
    await until(() => receiver.stats.lastReceiptAt);
    const closed = receiver.close();
    expect((await post({ value: [item('u2')] })).status).toBe(503);
    accept();
    expect((await held).status).toBe(202);
    await closed;
  });
});
