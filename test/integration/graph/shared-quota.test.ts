import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCredential } from '../../../src/graph/credential.ts';
import { createGovernor } from '../../../src/graph/governor.ts';
import { createGraph } from '../../../src/graph/graph.ts';
import { createShares } from '../../../src/graph/shares.ts';
import type { Lane } from '../../../src/graph/types.ts';
import { startLocalGraph, type LocalGraph } from '../../../src/local/graph/server.ts';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock as clock } from '../../../src/ops/clock.ts';
import { silentLog as log } from '../../../src/ops/log.ts';
import { until } from '../../support/until.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

const unitsPer10s = 2_000;
const appId = 'entra-mirror';

let mongo: TestMongo;
let mirror: Mirror;
let local: LocalGraph;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  mongo = await openTestMongo('quota');
  mirror = await openMirror({ db: mongo.db, log, clock });
  local = await startLocalGraph({ users: 20, groups: 1, quota: unitsPer10s });
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await local.close();
  await mongo.close();
});

/** What one process has of a tenant: a governor of its own that knows of the others by MongoDB alone. */
async function startProcess(name: string) {
  const { tenantId, url: baseUrl } = local;
  const shares = createShares({
    exchange: (own) => mirror.exchangeDemands(name, own),
    ...{ clock, log },
  });
  const governor = createGovernor({
    ...{ tenantId, clock, log },
    ...{ unitsPer10s: () => unitsPer10s, share: () => shares.of(tenantId) },
  });
  shares.follow(tenantId, governor);
  await shares.start();
  closing.push(() => shares.close());
  const credential = createCredential({ tenantId, baseUrl });
  return { governor, graph: createGraph({ tenantId, baseUrl, credential, governor, clock, log }) };
}

describe('rule 8: two workers and a scheduler', () => {
  it('use nearly all of the quota of a tenant together, and are not throttled', async () => {
    const [one, two, scheduler] = [
      await startProcess('worker 1'),
      await startProcess('worker 2'),
      await startProcess('scheduler'),
    ];
    const refs = local.directory.snapshot().users.map(({ id }) => ({ type: 'user' as const, id }));
    const stop = new AbortController();
    const keepReading = async ({ graph }: typeof one, lane: Lane) => {
      while (!stop.signal.aborted) await graph.read(refs, lane);
    };
    // Seven tenths of the bucket are gone, so that whoever spends too much is found out at once.
    local.tenant.bucket(appId, 'units').take(0.7 * unitsPer10s);
    const work = [
      ...[one, one, two, two].map((process) => keepReading(process, 'notification')),
      ...[scheduler, scheduler].map((process) => keepReading(process, 'sweep')),
    ];
    const spent = async (units: number) => {
      await until(() => local.stats.resourceUnits >= units);
      return { units: local.stats.resourceUnits, atMs: clock.now() };
    };
    const first = await spent(400);
    const last = await spent(1_300);
    stop.abort();
    await Promise.all(work);

    const seconds = (last.atMs - first.atMs) / 1_000;
    const used = (last.units - first.units) / seconds / (unitsPer10s / 10);
    expect(used).toBeGreaterThanOrEqual(0.9);
    expect(local.stats.throttled).toBe(0);
    expect(scheduler.governor.stats().units).toBeGreaterThan(0);
    expect(one.governor.stats().units).toBeGreaterThan(scheduler.governor.stats().units);
  });
});
