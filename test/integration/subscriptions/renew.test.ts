import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCredential } from '../../../src/graph/credential.ts';
import { createGovernor } from '../../../src/graph/governor.ts';
import { createGraph } from '../../../src/graph/graph.ts';
import type { Graph } from '../../../src/graph/types.ts';
import { startLocalGraph, type LocalGraph } from '../../../src/local/graph/server.ts';
import { systemClock, type Clock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { createRenewals, type Renewals } from '../../../src/subscriptions/renew.ts';
import { openSubscriptionStore, type SubscriptionStore } from '../../../src/subscriptions/store.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

const day = 24 * 3_600_000;

/** Answers Graph's handshakes and takes everything else. */
async function startEndpoint(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://localhost');
    const token = searchParams.get('validationToken');
    response.writeHead(token === null ? 202 : 200, { 'content-type': 'text/plain' });
    response.end(token ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('renewals', () => {
  let mongo: TestMongo;
  let local: LocalGraph;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  let store: SubscriptionStore;
  let graph: Graph;
  let skewMs = 0;
  const clock: Clock = { ...systemClock, now: () => Date.now() + skewMs };
  const swept: string[] = [];
  const { signal } = new AbortController();

  beforeAll(async () => {
    mongo = await openTestMongo('renew');
    local = await startLocalGraph({ users: 2, groups: 1, clock });
    endpoint = await startEndpoint();
    store = await openSubscriptionStore({ db: mongo.db, clock });
    const { tenantId, url: baseUrl } = local;
    const common = { tenantId, clock, log: silentLog };
    const governor = createGovernor({ ...common, unitsPer10s: () => 1_000_000 });
    const credential = createCredential({ tenantId, baseUrl });
    graph = createGraph({ ...common, baseUrl, credential, governor });
  });
  afterAll(async () => {
    endpoint.server.close();
    await local.close();
    await mongo.close();
  });

  const renewals = (overrides: { publicUrl?: string; graph?: Partial<Graph> } = {}): Renewals =>
    createRenewals({
      store,
      graphOf: () => ({ ...graph, ...overrides.graph }),
      publicUrl: overrides.publicUrl ?? endpoint.url,
      underLease: (_name, held, work) => work(held),
      requestSweep: async (tenantId) => void swept.push(tenantId),
      clock,
      log: silentLog,
    });
  const run = () => renewals().run(local.tenantId, signal);
  const active = async () =>
    (await store.of(local.tenantId)).filter(({ state }) => state === 'active');
  const remote = async () => (await graph.listSubscriptions()).map(({ id }) => id).sort();
  const activeIds = async () => (await active()).map((record) => record.subscriptionId!).sort();

  it('subscribe to users and groups for the longest time, and have what came before swept', async () => {
    await run();
    const records = await active();
    expect(records.map(({ resource }) => resource).sort()).toEqual(['groups', 'users']);
    expect(await remote()).toEqual(await activeIds());
    for (const { expiresAt } of records)
      expect(expiresAt!.getTime() - clock.now()).toBeGreaterThan(28 * day);
    expect(swept).toEqual([local.tenantId, local.tenantId]);
  });

  it('make records that tell our notifications from a stranger’s', async () => {
    const [record] = await active();
    expect(record!.clientStateHash).toMatch(/^[0-9a-f]{64}$/);
    expect(await store.find(record!.subscriptionId!, 'another')).toMatchObject({
      clientStateHash: record!.clientStateHash,
    });
    expect(await store.find('stranger', record!.clientStateHash)).toMatchObject({
      tenantId: local.tenantId,
    });
    expect(await store.find('stranger', 'another')).toBeUndefined();
    expect(await store.known()).toHaveLength(2);
  });

  it('write the record before the create call, so that an early notification is known', async () => {
    let known: unknown;
    const peeking = renewals({
      graph: {
        createSubscription: async () => {
          known ??= (await store.known()).filter(({ subscriptionId }) => !subscriptionId);
          throw new Error('the network broke');
        },
      },
      publicUrl: `${endpoint.url}/moved`,
    });
    const before = await activeIds();
    await peeking.run(local.tenantId, signal);
    expect(known).toHaveLength(1);
    expect(await remote()).toEqual([]);

    skewMs += day / 24;
    await run();
    expect(await remote()).toEqual(await activeIds());
    expect(await activeIds()).not.toEqual(before);
  });

  it('do nothing while everything is as wanted', async () => {
    const before = local.stats.requests;
    await run();
    expect(local.stats.requests).toBe(before);
  });

  it('renew at half of the life', async () => {
    skewMs += 15 * day;
    const before = await activeIds();
    await run();
    expect(await activeIds()).toEqual(before);
    for (const { expiresAt } of await active())
      expect(expiresAt!.getTime() - clock.now()).toBeGreaterThan(28 * day);
  });

  it('renew at once when Graph asks for it, but not within ten minutes of the last renewal', async () => {
    const [first] = await active();
    const change = { id: first!.subscriptionId!, lifecycle: 'reauthorizationRequired' as const };
    const renewedAt = async () =>
      (await active()).find(({ _id }) => _id === first!._id)!.renewedAt!.getTime();
    const before = await renewedAt();
    await renewals().onLifecycle(local.tenantId, change);
    expect(await renewedAt()).toBe(before);
    skewMs += 11 * 60_000;
    await renewals().onLifecycle(local.tenantId, change);
    expect(await renewedAt()).toBeGreaterThan(before);
  });

  it('recreate what vanished without a word, within minutes, and have the gap swept', async () => {
    const [gone, kept] = await activeIds();
    await graph.deleteSubscription(gone!);
    swept.length = 0;
    skewMs += 6 * 60_000;
    await run();
    expect(await activeIds()).toContain(kept);
    expect(await activeIds()).not.toContain(gone);
    expect(await remote()).toEqual(await activeIds());
    expect(swept).toEqual([local.tenantId]);
  });

  it('take over a subscription whose record ended, by its id', async () => {
    const [first] = await active();
    await store.end(first!._id);
    await run();
    const records = await active();
    expect(records.map(({ _id }) => _id)).toContain(first!._id);
    expect(await remote()).toEqual(await activeIds());
  });

  it('replace a subscription of ours whose secret is lost', async () => {
    const before = await remote();
    await mongo.db.collection('subscriptions').deleteMany({});
    await run();
    expect(await remote()).toEqual(await activeIds());
    expect((await remote()).filter((id) => before.includes(id))).toEqual([]);
  });

  it('report a subscription that delivers elsewhere, and do not fight it', async () => {
    const before = await remote();
    await mongo.db.collection('subscriptions').deleteMany({});
    const elsewhere = renewals({ publicUrl: `${endpoint.url}/elsewhere` });
    await elsewhere.run(local.tenantId, signal);
    expect(await remote()).toEqual(before);
    expect(await active()).toEqual([]);
  });
});
