import { TenantError } from '../ops/errors.ts';
import type { Tenant } from '../mirror/tenants.ts';
import type { SyncDeps } from './deps.ts';
import { edgesLease, type GroupsReader } from './groups-reader.ts';
import { carryOutHolds } from './holds.ts';
import { LeaseLostError } from './lease.ts';
import { phaseOf } from './next-step.ts';
import { syncType, type OnProgress } from './sync-type.ts';

export interface SchedulerDeps extends SyncDeps {
  reader: GroupsReader;
  /** Brings the subscriptions of a tenant to what is wanted. */
  renew: (tenantId: string, signal: AbortSignal) => Promise<void>;
  onProgress?: OnProgress;
}

export interface Scheduler {
  start(): void;
  /** Stops what is under way at its next page; another process or the next start goes on. */
  close(): Promise<void>;
}

/** Keeps subscriptions alive, loads, sweeps and serves memberships, each tenant on its own. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const closing = new AbortController();
  const { signal } = closing;
  const { timings } = deps;
  const renew = (_: unknown, { id }: Tenant) => deps.renew(id, signal);
  const jobs = createJobs(deps, signal);
  const loops = [
    { everyMs: timings.renewalCheckMs, name: 'renew', job: renew },
    { everyMs: timings.readerCheckMs, name: 'sync', job: syncJob },
    { everyMs: timings.readerCheckMs, name: 'edges', job: edgesJob },
    { everyMs: timings.readerCheckMs, name: 'holds', job: holdsJob },
  ];
  const running: Promise<void>[] = [];
  return {
    start() {
      running.push(sweepAll(deps));
      for (const { everyMs, name, job } of loops) {
        const run = (tenant: Tenant) => job(deps, tenant, signal);
        running.push(forever(deps, signal, everyMs, () => startJobs(deps, jobs, name, run)));
      }
    },
    async close() {
      closing.abort();
      await Promise.all(running);
      await jobs.settled();
    },
  };
}

/** Notifications of a time when no process was there may be lost: a start is the end of a gap. */
async function sweepAll({ mirror, log }: SchedulerDeps): Promise<void> {
  try {
    const tenants = await mirror.tenants.list();
    const live = tenants.filter(({ served, phase }) => served && phase === 'live');
    await Promise.all(live.map(({ id }) => mirror.requestSweep(id)));
  } catch (error) {
    log.warn({ err: error }, 'no sweep asked for at the start; the next one is due in minutes');
  }
}

type Job = (tenant: Tenant) => Promise<void>;
type Jobs = ReturnType<typeof createJobs>;

/** One job of a name and tenant at a time; its failure is logged and its next turn tries again. */
function createJobs({ log, mirror }: SchedulerDeps, signal: AbortSignal) {
  const underWay = new Map<string, Promise<void>>();
  const attempt = async (name: string, tenant: Tenant, job: Job) => {
    try {
      await job(tenant);
    } catch (error) {
      if (signal.aborted) return;
      const level = error instanceof LeaseLostError ? 'info' : 'warn';
      log[level]({ err: error, tenantId: tenant.id, job: name }, 'job failed, tried again');
      if (error instanceof TenantError) await mirror.tenants.degrade(tenant.id, error.advice);
    }
  };
  return {
    start(name: string, tenant: Tenant, job: Job): void {
      const key = `${name}/${tenant.id}`;
      if (underWay.has(key)) return;
      const run = attempt(name, tenant, job)
        .catch((error: unknown) =>
          log.warn({ err: error, tenantId: tenant.id }, 'trouble not noted'),
        )
        .finally(() => underWay.delete(key));
      underWay.set(key, run);
    },
    settled: () => Promise.all(underWay.values()),
  };
}

async function forever(
  { clock, log }: SchedulerDeps,
  signal: AbortSignal,
  everyMs: number,
  turn: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await turn().catch((error: unknown) => {
      log.warn({ err: error }, 'tenants not listed, tried again');
    });
    await clock.sleep(everyMs, signal);
  }
}

async function startJobs(
  { mirror }: SchedulerDeps,
  jobs: Jobs,
  name: string,
  job: Job,
): Promise<void> {
  for (const tenant of await mirror.tenants.list()) {
    if (tenant.served) jobs.start(name, tenant, job);
  }
}

/** A failed first subscription does not hold up the load: each one that comes later is swept after. */
async function syncJob(deps: SchedulerDeps, tenant: Tenant, signal: AbortSignal): Promise<void> {
  const { mirror, reader, log } = deps;
  if (tenant.phase === 'subscribing') {
    await deps.renew(tenant.id, signal).catch((error: unknown) => {
      log.warn({ err: error, tenantId: tenant.id }, 'not subscribed yet, loading meanwhile');
    });
    await mirror.tenants.setPhase(tenant.id, 'loading');
  }
  const options = { signal, onProgress: deps.onProgress };
  const ends = await Promise.allSettled([
    syncType(deps, tenant.id, 'user', options),
    syncType(deps, tenant.id, 'group', options),
  ]);
  await notePhase(deps, tenant);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  if (tenant.degraded !== undefined) await mirror.tenants.recover(tenant.id);
  if (await mirror.leaseWanted(edgesLease(tenant.id))) await reader.serve(tenant.id);
}

async function notePhase({ mirror, log }: SchedulerDeps, { id, phase }: Tenant): Promise<void> {
  const checkpoints = await Promise.all([
    mirror.checkpoint(id, 'user'),
    mirror.checkpoint(id, 'group'),
  ]);
  const reached = phaseOf(checkpoints);
  if (reached === phase) return;
  await mirror.tenants.setPhase(id, reached);
  log.info({ tenantId: id, phase: reached }, 'tenant phase');
}

async function holdsJob(deps: SchedulerDeps, tenant: Tenant): Promise<void> {
  await carryOutHolds(deps, tenant.id);
}

/** Requests whose reader died, and edges whose second look has come due. */
async function edgesJob(deps: SchedulerDeps, tenant: Tenant): Promise<void> {
  const { mirror, reader, timings } = deps;
  const waiting =
    (await mirror.leaseWanted(edgesLease(tenant.id))) ||
    (await mirror.edgesDue(tenant.id, timings.replicationMs, 1)).length > 0;
  if (waiting) await reader.serve(tenant.id);
}
