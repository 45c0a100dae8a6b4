import express from 'express';
import type { Connections } from '../connect.ts';
import type { AuditResult } from '../mirror/audits.ts';
import { mergeFigures } from '../mirror/figures.ts';
import type { TenantFigures } from '../ops/figures.ts';
import { lossOf, type Loss } from '../ops/loss.ts';
import type { Percentiles } from '../ops/samples.ts';
import { createDepth } from '../queue/depth.ts';
import { adminOnly } from '../read/admin.ts';
import { createReadRouter, type Readiness } from '../read/app.ts';
import { stateOf } from '../scim/connections/state.ts';
import { createConnectionStore } from '../scim/store-connections.ts';
import { createScrape, type Parts } from './metrics.ts';

/** What `GET /status` answers. Times are ISO 8601, durations milliseconds. */
export interface Status {
  /** `live` where every served tenant is. */
  state: 'loading' | 'live';
  tenants: TenantStatus[];
  /** From the receipt of a notification to its write, over the last writes of each process. */
  lagMs: Percentiles | null;
  /** What all processes of the last minute counted since they began. */
  counts: Record<string, number>;
  queue: QueueCount | null;
  /** HR's queue; null where there is none. */
  hrQueue: QueueCount | null;
  /** Connections by state. */
  connections: Record<ConnectionState, number>;
}
type QueueCount = Awaited<ReturnType<Depth['count']>>;
type ConnectionState = ReturnType<typeof stateOf>['name'];
type Depth = ReturnType<typeof createDepth>;
type Counts = Awaited<ReturnType<Connections['mirror']['counts']>>;
interface TenantStatus extends Counts {
  id: string;
  phase: string;
  state: string;
  /** What a person has to do, while Graph refuses this tenant. */
  degraded?: string;
  subscriptions: { resource: string; expiresAt: Date }[];
  /** Begin of the last finished sweep. */
  sweptAt: Record<'users' | 'groups', Date | null>;
  /** What running processes counted since they began: changes that notifications announced, and that none did. */
  loss: Loss;
  /** From the receipt of a notification to its write; from a change in the directory to the receipt. */
  lagMs: Percentiles | null;
  delayMs: Percentiles | null;
  /** Mass removals that wait for `holds approve` or `holds reject`. */
  holds: { id: string; groupId?: string; items: number; openedAt: Date }[];
  /** The last finished audit. */
  audit: Omit<AuditResult, 'tenantId' | 'compared' | 'listed'> | null;
}

/** `/healthz`, `/readyz`, `/status` and `/metrics` of this process; `parts` gives the roles that it has so far. */
export function createStatusApp(connections: Connections, parts: () => Parts) {
  let stopping = false;
  const { config, clock, metrics } = connections;
  const depthOf = (queueName: string) => createDepth({ client: connections.bus, queueName });
  const depth = depthOf(config.queue);
  const hrDepth = depthOf(config.hr.queue);
  const read = () => readStatus(connections, depth, hrDepth);
  const app = express();
  app.disable('x-powered-by');
  const readiness = async (): Promise<Readiness> => ({
    running: !stopping,
    mongodb: await answers(() => connections.db.command({ ping: 1 })),
    queue: await answers(() => depth.ping()),
  });
  app.use(
    createReadRouter({
      readiness,
      status: read,
      metrics: { contentType: metrics.contentType, scrape: createScrape(connections, parts, read) },
      admin: adminOnly({ token: config.http.adminToken, clock }),
    }),
  );
  return {
    app,
    read,
    stopping: () => {
      stopping = true;
    },
  };
}

async function readStatus(connections: Connections, depth: Depth, hrDepth: Depth): Promise<Status> {
  const { mirror, config } = connections;
  const beats = [...(await otherProcesses(connections)), connections.figures.snapshot()];
  const { tenants: figures, ...all } = mergeFigures(beats);
  const there = (await mirror.tenants.list()).filter(({ state }) =>
    ['served', 'paused'].includes(state),
  );
  const tenants = await Promise.all(
    there.map(async ({ id, phase, state, degraded }) => ({
      ...{ id, phase, state, ...(degraded !== undefined && { degraded }) },
      ...(await mirror.counts(id)),
      subscriptions: await subscriptionsOf(connections, id),
      sweptAt: await sweptAt(connections, id),
      ...deliveryOf(figures[id], config.lossThreshold),
      holds: await openHoldsOf(connections, id),
      audit: await auditOf(connections, id),
    })),
  );
  const isLive = tenants.every(({ phase, state }) => phase === 'live' || state === 'paused');
  return {
    state: isLive && tenants.length > 0 ? 'live' : 'loading',
    tenants,
    ...all,
    queue: await depth.count().catch(() => null),
    hrQueue: await hrDepth.count().catch(() => null),
    connections: await countConnections(connections),
  };
}

async function countConnections({ db, clock }: Connections): Promise<Status['connections']> {
  const counts = { waiting: 0, initial: 0, live: 0, paused: 0, degraded: 0, quarantined: 0 };
  const now = new Date(clock.now());
  for (const connection of await createConnectionStore(db.collection('connections')).list())
    counts[stateOf(connection, now).name] += 1;
  return counts;
}

async function auditOf({ mirror }: Connections, tenantId: string): Promise<TenantStatus['audit']> {
  const last = await mirror.lastAudit(tenantId);
  if (!last) return null;
  const { beganAt, endedAt, counts, differences, held, kept, unsettled, unread } = last;
  const { repaired, olderThanMs } = last;
  const found = { counts, differences, held, kept, unsettled, unread };
  return { beganAt, endedAt, ...found, repaired, olderThanMs };
}

async function subscriptionsOf({ subscriptions }: Connections, tenantId: string) {
  const records = await subscriptions.of(tenantId);
  return records.flatMap(({ resource, expiresAt, state }) =>
    state === 'active' && expiresAt ? [{ resource, expiresAt }] : [],
  );
}

async function sweptAt({ mirror }: Connections, tenantId: string) {
  const [users, groups] = await Promise.all([
    mirror.checkpoint(tenantId, 'user'),
    mirror.checkpoint(tenantId, 'group'),
  ]);
  return { users: users?.sweptAt ?? null, groups: groups?.sweptAt ?? null };
}

function deliveryOf(figures: TenantFigures | undefined, threshold: number) {
  const { lagMs = null, delayMs = null } = figures ?? {};
  return { loss: lossOf(figures ?? { announced: 0, lost: 0 }, threshold), lagMs, delayMs };
}

async function openHoldsOf({ mirror }: Connections, tenantId: string) {
  const open = await mirror.holds.list(tenantId, ['open']);
  return open.map(({ _id: id, groupId, items, openedAt }) => ({
    ...{ id, items, openedAt },
    ...(groupId !== undefined && { groupId }),
  }));
}

/** Figures of this process are at hand, fresher than its heartbeat. */
async function otherProcesses({ mirror, instanceId }: Connections) {
  const beats = await mirror.heartbeats(60_000);
  return beats.filter(({ _id }) => _id !== instanceId);
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
}
