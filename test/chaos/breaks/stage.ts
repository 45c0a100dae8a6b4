import type { Change } from '../../../src/change.ts';
import { createCredential } from '../../../src/graph/credential.ts';
import { createGovernor } from '../../../src/graph/governor.ts';
import { createGraph } from '../../../src/graph/graph.ts';
import type { Graph } from '../../../src/graph/types.ts';
import { startLocalGraph } from '../../../src/local/graph/server.ts';
import { startLocalMongo } from '../../../src/local/mongo/server.ts';
import { openMongo } from '../../../src/mirror/connect.ts';
import { openMirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { createFigures } from '../../../src/ops/figures.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultTimings } from '../../../src/ops/timings.ts';
import { noTracer } from '../../../src/ops/trace.ts';
import { auditTenant } from '../../../src/sync/audit/audit.ts';
import type { SyncDeps } from '../../../src/sync/deps.ts';
import { createGroupsReader } from '../../../src/sync/groups-reader.ts';
import { createHandler } from '../../../src/sync/handle-changes.ts';
import { syncType } from '../../../src/sync/sync-type.ts';

type Stage = Awaited<ReturnType<typeof openStage>>;

/** Lets `act` provoke something in a small loaded tenant; gives how many differences the audit finds after it. */
export async function onStage(act: (stage: Stage) => Promise<void>): Promise<number> {
  const stage = await openStage();
  try {
    await stage.sync();
    await act(stage);
    return await stage.audit();
  } finally {
    await stage.close();
  }
}

async function openStage() {
  const server = await startLocalGraph({ users: 12, groups: 3, seed: 5 });
  const local = await startLocalMongo();
  const mongo = await openMongo({ uri: local.uri, database: 'stage' });
  const { tenantId, url: baseUrl, directory } = server;
  const common = { tenantId, clock: systemClock, log: silentLog };
  const mirror = await openMirror({ db: mongo.db, log: silentLog, clock: systemClock });
  await mirror.tenants.connect(tenantId, {});
  const governor = createGovernor({ ...common, unitsPer10s: () => 1_000_000 });
  const credential = createCredential({ tenantId, baseUrl });
  const graph = createGraph({ ...common, baseUrl, credential, governor });
  const sent: Change[] = [];
  const { signal } = new AbortController();
  const depsOf = (seen: Partial<Graph> = {}): SyncDeps => ({
    ...{ mirror, holder: 'one', tracer: noTracer, clock: systemClock, log: silentLog },
    graphOf: () => ({ ...graph, ...seen }),
    timings: { ...defaultTimings, roundGapMs: 10 },
    figures: createFigures(),
    publish: async (_tenant, changes) => void sent.push(...changes),
  });
  /** A worker to whom Graph shows itself with `seen` in place of its own answers. */
  const worker = (seen?: Partial<Graph>) => {
    const none = async () => undefined;
    const handle = createHandler({ ...depsOf(seen), requestEdges: none, onLifecycle: none });
    return (changes: readonly Change[]) => handle(tenantId, [...changes], { signal });
  };
  return {
    ...{ server, directory, tenantId, graph, mirror, depsOf, worker },
    person: directory.snapshot().users[0]?.id ?? '',
    sync: async () => {
      await syncType(depsOf(), tenantId, 'user', { signal });
      await syncType(depsOf(), tenantId, 'group', { signal });
    },
    sweep: async () => {
      await mirror.requestSweep(tenantId);
      await syncType(depsOf(), tenantId, 'user', { signal });
    },
    /** Takes what was sent from the queue. */
    received: () => sent.splice(0),
    readMembers: (seen: Partial<Graph>) => createGroupsReader(depsOf(seen)).serve(tenantId),
    audit: async () => {
      const options = { signal, repair: false, secondLookMs: 0 };
      return (await auditTenant(depsOf(), tenantId, options)).differences;
    },
    close: async () => {
      await mongo.close();
      await Promise.all([server.close(), local.close()]);
    },
  };
}

/** A notification of one person, as the receiver queues it. */
export const notified = (id: string): Change => ({
  ...{ type: 'user', id, changeType: 'updated', origin: 'notification', attempt: 0 },
  ...{ subscriptionId: 'subscription', receivedAt: new Date().toISOString() },
});
