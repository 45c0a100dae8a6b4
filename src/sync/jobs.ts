import type { Mirror } from '../mirror/open-mirror.ts';
import type { Tenant } from '../mirror/tenants.ts';
import { TenantError } from '../ops/errors.ts';
import type { Log } from '../ops/log.ts';
import { LeaseLostError } from './lease.ts';

type Job = (tenant: Tenant, signal: AbortSignal) => Promise<void>;

interface Jobs {
  /** Starts a job unless one of its name and tenant is under way. */
  start(name: string, tenant: Tenant, job: Job): void;
  /** Stops one at its next page, where it is under way. */
  stop(name: string, tenantId: string): void;
  /** Stops all; resolves when they have ended. */
  close(): Promise<void>;
}

/** Jobs of many tenants, each on its own: a failure is logged, and the job's next turn tries again. */
export function createJobs({ log, mirror }: { log: Log; mirror: Mirror }): Jobs {
  const underWay = new Map<string, { stop: () => void; run: Promise<void> }>();
  const attempt = async (name: string, tenant: Tenant, job: Job, signal: AbortSignal) => {
    try {
      await job(tenant, signal);
    } catch (error) {
      if (signal.aborted) return;
      const level = error instanceof LeaseLostError ? 'info' : 'warn';
      log[level]({ err: error, tenantId: tenant.id, job: name }, 'job failed, tried again');
      if (error instanceof TenantError) await mirror.tenants.degrade(tenant.id, error.advice);
    }
  };
  return {
    start(name, tenant, job) {
      const key = `${name}/${tenant.id}`;
      if (underWay.has(key)) return;
      const stopping = new AbortController();
      const run = attempt(name, tenant, job, stopping.signal)
        .catch((error: unknown) =>
          log.warn({ err: error, tenantId: tenant.id }, 'trouble not noted'),
        )
        .finally(() => underWay.delete(key));
      underWay.set(key, { stop: () => stopping.abort(), run });
    },
    stop: (name, tenantId) => underWay.get(`${name}/${tenantId}`)?.stop(),
    async close() {
      const all = [...underWay.values()];
      for (const { stop } of all) stop();
      await Promise.all(all.map(({ run }) => run));
    },
  };
}
