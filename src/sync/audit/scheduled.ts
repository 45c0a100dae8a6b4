import type { SyncDeps } from '../deps.ts';
import { underLease } from '../lease.ts';
import { auditTenant } from './audit.ts';

/**
 * Audits a tenant whose last audit is long enough ago, and has what differs read again. Only a finished
 * audit leaves a result: one whose process dies is begun again by the next turn.
 */
export async function auditWhenDue(
  deps: SyncDeps,
  tenantId: string,
  signal: AbortSignal,
): Promise<void> {
  const { mirror, timings, log } = deps;
  const isDue = () => mirror.auditIsDue(tenantId, timings.auditEveryMs);
  if (!(await isDue())) return;
  await underLease(deps, `audit/${tenantId}`, { signal }, async (keeper) => {
    // Another process may have finished one before this lease was taken.
    if (!(await isDue())) return;
    const keep = () => keeper.keep();
    const result = await auditTenant(deps, tenantId, { signal: keeper.signal, repair: true, keep });
    await mirror.saveAudit(result);
    const { differences, held, kept, unread, olderThanMs } = result;
    const figures = { tenantId, differences, held, kept, unread, olderThanMs };
    log[differences > 0 ? 'warn' : 'info'](figures, 'audit finished');
  });
}
