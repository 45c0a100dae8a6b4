import type { Tenant } from '../mirror/tenants.ts';
import type { TenantState } from '../mirror/types.ts';
import { auditWhenDue } from './audit/scheduled.ts';
import type { SyncDeps } from './deps.ts';
import { edgesLease, type GroupsReader } from './groups-reader.ts';
import { carryOutHolds } from './holds.ts';
import { createJobs } from './jobs.ts';
import { countLosses } from './losses.ts';
import { phaseOf } from './next-step.ts';
import { removeTenant, type RemovalDeps } from './removal.ts';
import { sweepAll } from './sweep-all.ts';
import { syncType, type OnProgress } from './sync-type.ts';

export interface SchedulerDeps extends SyncDeps, RemovalDeps {
  reader: GroupsReader;
  /** Share of a tenant's changes that may go unannounced before a warning. */
  lossThreshold: number;
  /** Brings the subscriptions of a tenant to what is wanted. */
  renew: (tenantId: string, signal: AbortSignal) => Promise<void>;
  onProgress?: OnProgress;
}

export interface Scheduler {
  start(): void;
  /** Stops what is under way at its next page; another process or the next start goes on. */
  close(): Promise<void>;
}

/** Keeps subscriptions alive, loads, sweeps, audits and serves memberships, each tenant on its own. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const closing = new AbortController();
  const { timings, mirror } = deps;
  const jobs = createJobs(deps);
  const startAll = async (name: string, job: TenantJob, state: TenantState) => {
    for (const tenant of await mirror.tenants.list()) {
      if (tenant.state === state) {
        jobs.start(name, tenant, (one, signal) => job(deps, one, signal));
      } else jobs.stop(name, tenant.id);
    }
  };
  const loops: readonly [number, string, TenantJob, TenantState?][] = [
    [timings.renewalCheckMs, 'renew', renewJob],
    [timings.readerCheckMs, 'sync', syncJob],
    [timings.readerCheckMs, 'edges', edgesJob],
    [timings.readerCheckMs, 'holds', holdsJob],
    [timings.readerCheckMs, 'losses', lossesJob],
    [timings.counterCheckMs, 'counter', counterJob],
    [timings.renewalCheckMs, 'remove', removeTenant, 'removing'],
    [timings.renewalCheckMs, 'audit', auditJob],
  ];
  const running: Promise<void>[] = [];
  return {
    start() {
      // Notifications of a time when no process was there may be lost: a start is the end of a gap.
      running.push(sweepAll(deps));
      for (const [everyMs, name, job, state = 'served'] of loops) {
        running.push(forever(deps, closing.signal, everyMs, () => startAll(name, job, state)));
      }
    },
    async close() {
      closing.abort();
      await Promise.all(running);
      await jobs.close();
    },
  };
}

type TenantJob = (deps: SchedulerDeps, tenant: Tenant, signal: AbortSignal) => Promise<void>;

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

async function renewJob(deps: SchedulerDeps, { id }: Tenant, signal: AbortSignal): Promise<void> {
  await deps.renew(id, signal);
}

/** A failed first subscription does not hold up the load: each one that comes later is swept after. */
async function syncJob(deps: SchedulerDeps, tenant: Tenant, signal: AbortSignal): Promise<void> {
  const { mirror, reader, log } = deps;
  if (tenant.degraded !== undefined) await recover(deps, tenant.id, signal);
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
  if (await mirror.leaseWanted(edgesLease(tenant.id))) await reader.serve(tenant.id);
}

/** Asks Graph for as little as there is; what came while it refused the tenant is swept. */
async function recover(
  { graphOf, mirror, log }: SchedulerDeps,
  tenantId: string,
  signal: AbortSignal,
): Promise<void> {
  await graphOf(tenantId).latestLink('user', 'sweep', signal);
  await mirror.tenants.recover(tenantId);
  await mirror.requestSweep(tenantId);
  log.info({ tenantId }, 'Graph serves the tenant again');
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

async function lossesJob(deps: SchedulerDeps, tenant: Tenant): Promise<void> {
  await countLosses(deps, tenant.id);
}

/** Requests whose reader died, and edges whose second look has come due. */
async function edgesJob(deps: SchedulerDeps, tenant: Tenant): Promise<void> {
  const { mirror, reader, timings } = deps;
  const waiting =
    (await mirror.leaseWanted(edgesLease(tenant.id))) ||
    (await mirror.edgesDue(tenant.id, timings.replicationMs, 1)).length > 0;
  if (waiting) await reader.serve(tenant.id);
}

/** A fence above the counter would make every later write stale: after a restored backup, for example. */
async function counterJob({ mirror, log }: SchedulerDeps, { id }: Tenant): Promise<void> {
  if (!(await mirror.liftCounter(id))) return;
  log.error({ tenantId: id }, 'a fence was above the counter: lifted, and all is read again');
  await mirror.requestPass(id, 'user', 'counter');
  await mirror.requestPass(id, 'group', 'counter');
}

async function auditJob(deps: SchedulerDeps, tenant: Tenant, signal: AbortSignal): Promise<void> {
  if (tenant.phase === 'live') await auditWhenDue(deps, tenant.id, signal);
}
