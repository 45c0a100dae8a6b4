import type { Closers } from '../ops/shutdown.ts';
import { createScheduler, type SchedulerDeps } from '../sync/scheduler.ts';
import type { Renewals } from '../subscriptions/renew.ts';

/** Keeps subscriptions alive, loads and sweeps; any number of them share the work by leases. */
export function startScheduler(
  { renewals, ...deps }: Omit<SchedulerDeps, 'renew' | 'unsubscribe'> & { renewals: Renewals },
  closers: Closers,
): void {
  const log = deps.log.child({ role: 'scheduler' });
  const scheduler = createScheduler({
    ...deps,
    log,
    renew: (tenantId, signal) => renewals.run(tenantId, signal),
    unsubscribe: (tenantId, signal) => renewals.unsubscribe(tenantId, signal),
  });
  scheduler.start();
  closers.add('scheduler', () => scheduler.close());
}
