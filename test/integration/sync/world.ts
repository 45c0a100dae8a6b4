import type { Change, Outcome } from '../../../src/change.ts';
import { createCredential } from '../../../src/graph/credential.ts';
import { createGovernor } from '../../../src/graph/governor.ts';
import { createGraph } from '../../../src/graph/graph.ts';
import { startLocalGraph, type LocalGraphOptions } from '../../../src/local/graph/server.ts';
import { openMirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { createFigures } from '../../../src/ops/figures.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultTimings, type Timings } from '../../../src/ops/timings.ts';
import { noTracer } from '../../../src/ops/trace.ts';
import { coalesce } from '../../../src/queue/coalesce.ts';
import type { SyncDeps } from '../../../src/sync/deps.ts';
import { createGroupsReader } from '../../../src/sync/groups-reader.ts';
import { createHandler } from '../../../src/sync/handle-changes.ts';
import { syncType } from '../../../src/sync/sync-type.ts';
import { openTestMongo } from '../../support/mongo.ts';
import { differences } from './differences.ts';

export type World = Awaited<ReturnType<typeof openWorld>>;
type Sent = { change: Change; delayMs: number };

/**
 * One tenant of the simulated Graph, read by the real SDK into a real mirror. The queue is a list that
 * a test hands over by itself, so that it decides what comes late, twice or never.
 */
export async function openWorld(
  name: string,
  options: LocalGraphOptions & { timings?: Partial<Timings> } = {},
) {
  const { timings, ...company } = options;
  const mongo = await openTestMongo(name);
  const server = await startLocalGraph({ users: 60, groups: 8, seed: 7, ...company });
  const { tenantId, url: baseUrl } = server;
  const mirror = await openMirror({ db: mongo.db, log: silentLog, clock: systemClock });
  await mirror.tenants.connect(tenantId, {});
  const graph = realGraph(tenantId, baseUrl);
  const sent: Sent[] = [];
  const deps: SyncDeps = {
    ...{
      graphOf: () => graph,
      mirror,
      clock: systemClock,
      log: silentLog,
      holder: 'one',
      tracer: noTracer,
    },
    timings: { ...defaultTimings, roundGapMs: 20, ...timings },
    figures: createFigures(),
    publish: async (_tenant, changes, { delayMs = 0 } = {}) =>
      void sent.push(...changes.map((change) => ({ change, delayMs }))),
  };
  const reader = createGroupsReader(deps);
  const handler = createHandler({
    ...deps,
    requestEdges: (tenant) => reader.request(tenant),
    onLifecycle: async () => undefined,
  });
  const signal = new AbortController().signal;
  const handle = (changes: Change[]) => handler(tenantId, changes, { signal });
  return {
    ...{ tenantId, mongo, server, directory: server.directory, mirror, graph, deps, reader, sent },
    handle,
    /** Loads, goes on with and sweeps what is due. */
    async sync() {
      await syncType(deps, tenantId, 'user', { signal });
      await syncType(deps, tenantId, 'group', { signal });
    },
    drain: () => drain(sent, handle),
    handOver: () => handOver(sent, handle),
    differences: () => differences(mongo.db, tenantId, server.directory.snapshot()),
    async close() {
      await reader.close();
      await server.close();
      await mongo.close();
    },
  };
}

/** The real SDK on a simulated tenant. */
export function realGraph(tenantId: string, baseUrl: string) {
  const common = { tenantId, clock: systemClock, log: silentLog };
  const governor = createGovernor({ ...common, unitsPer10s: () => 1_000_000 });
  const credential = createCredential({ tenantId, baseUrl });
  return createGraph({ ...common, baseUrl, credential, governor });
}

/** Hands over until nothing is left; gives the outcomes. */
async function drain(
  sent: Sent[],
  handle: (changes: Change[]) => Promise<Outcome[]>,
): Promise<Outcome['kind'][]> {
  const kinds: Outcome['kind'][] = [];
  for (let turn = 0; sent.length > 0; turn += 1) {
    if (turn === 50) throw new Error('the queue does not run dry');
    kinds.push(...(await handOver(sent, handle)));
  }
  return kinds;
}

/** One turn of a worker: everything that was sent, each object once; what comes back is sent again. */
async function handOver(
  sent: Sent[],
  handle: (changes: Change[]) => Promise<Outcome[]>,
): Promise<Outcome['kind'][]> {
  const changes = coalesce(sent.splice(0).map(({ change }) => change));
  if (changes.length === 0) return [];
  const outcomes = await handle(changes);
  outcomes.forEach((outcome, index) => {
    const same = changes[index]!;
    if (outcome.kind === 'park') sent.push({ change: same, delayMs: outcome.delayMs ?? 0 });
    if (outcome.kind !== 'retry') return;
    const change = { ...(outcome.change ?? same), attempt: same.attempt + 1 };
    sent.push({ change, delayMs: outcome.delayMs ?? 0 });
  });
  return outcomes.map(({ kind }) => kind);
}

/** A change as the receiver makes it of a notification. */
export function notified(
  type: 'user' | 'group',
  id: string,
  changeType: Change['changeType'] = 'updated',
): Change {
  return {
    ...{ type, id, changeType, origin: 'notification', subscriptionId: 'subscription' },
    ...{ attempt: 0, receivedAt: new Date().toISOString() },
  };
}
