import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { connect } from '../../src/connect.ts';
import type { Mirror } from '../../src/mirror/open-mirror.ts';
import { silentLog } from '../../src/ops/log.ts';
import type { Timings } from '../../src/ops/timings.ts';
import type { RoleName } from '../../src/roles/start.ts';
import type { Status } from '../../src/roles/status.ts';
import { startChild, type Child } from './child.ts';
import type { Requests } from './front.ts';

export type Roles = Child<{ url: string }>;

/** No replica lags here, so the rules' waits for them are short. */
export const shortLags: Partial<Timings> = {
  replicationMs: 1_000,
  secondLookMs: 2_000,
  drainMs: 0,
};
/** Nor does anybody wait for memberships without need. */
const shortWaits: Partial<Timings> = { ...shortLags, readerCheckMs: 100, roundGapMs: 100 };

/** Graph, broker and MongoDB, each a process of its own, and connections of ours to them. */
export async function startWorld(graphOptions: {
  users: number;
  groups: number;
  memberships?: number;
  quota?: number;
  requestMs?: number;
}) {
  const [graph, bus, mongo] = await Promise.all([
    startChild<{ baseUrl: string; tenantId: string }>('graph', graphOptions),
    startChild<{ connectionString: string }>('service-bus'),
    startChild<{ uri: string }>('mongo'),
  ]);
  const { baseUrl, tenantId } = graph.ready;
  const database = `bench_${randomUUID().slice(0, 8)}`;
  const env: Record<string, string> = {
    AZURE_TENANT_ID: tenantId,
    GRAPH_BASE_URL: baseUrl,
    SERVICEBUS_CONNECTION_STRING: bus.ready.connectionString,
    MONGODB_URI: mongo.ready.uri,
    MONGODB_DATABASE: database,
    GRAPH_RESOURCE_UNITS: String(graphOptions.quota ?? 1e9),
    HOLD_ABOVE_PERCENT: '100',
    PORT: '0',
  };
  const own = await connect(readConfig(env), { log: silentLog, timings: shortWaits });
  const startRoles = (roles: RoleName[], timings = shortWaits): Promise<Roles> =>
    startChild('roles', { env, roles, timings });
  return {
    ...{ graph, bus, mongo, own, tenantId, env, startRoles },
    requests: () => graph.call<Requests>('requests'),
    differences: () =>
      graph.call<{ count: number; first: unknown[] }>('differences', {
        uri: mongo.ready.uri,
        database,
      }),
    isLoaded: () => isLoaded(own.mirror, tenantId),
    /** When the load began, by its first pass. */
    async loadBeganMs() {
      const both = await checkpoints(own.mirror, tenantId);
      return Math.min(...both.flatMap((one) => one?.pass?.startedAt.getTime() ?? []));
    },
    halfLoaded: async () =>
      (await own.mirror.collections.objects.user.countDocuments({ tenantId })) >=
      graphOptions.users / 2,
    /** A sweep that is asked for now, to its end. */
    sweep: async () => {
      await own.mirror.requestSweep(tenantId);
      await waitFor('a sweep', () => isSwept(own.mirror, tenantId));
    },
    live: (roles: Roles) =>
      waitFor('the mirror to be live', async () => (await statusOf(roles)).state === 'live'),
    /** Nothing waits in the queue and nothing is in hand. */
    quiet: () =>
      waitFor('an empty queue', async () => {
        const { active, scheduled, locked } = await bus.call<Counts>('counts');
        return active + scheduled + locked === 0;
      }),
    async close() {
      await own.close();
      await Promise.all([graph.stop(), bus.stop(), mongo.stop()]);
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;

interface Counts {
  active: number;
  scheduled: number;
  locked: number;
}

export const statusOf = (roles: Roles): Promise<Status> => roles.call<Status>('status');

function checkpoints(mirror: Mirror, tenantId: string) {
  return Promise.all([mirror.checkpoint(tenantId, 'user'), mirror.checkpoint(tenantId, 'group')]);
}

async function isSwept(mirror: Mirror, tenantId: string): Promise<boolean> {
  const both = await checkpoints(mirror, tenantId);
  return both.every((checkpoint) => checkpoint && checkpoint.sweepRequestedAt === undefined);
}

async function isLoaded(mirror: Mirror, tenantId: string): Promise<boolean> {
  const both = await checkpoints(mirror, tenantId);
  return both.every((checkpoint) => (checkpoint?.pass?.walks ?? 0) > 0);
}

/** Resolves when `condition` gives something true. */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  { limitMs = 240_000, everyMs = 50 } = {},
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${limitMs / 1_000} s in vain for ${what}`);
    await sleep(everyMs);
  }
}
