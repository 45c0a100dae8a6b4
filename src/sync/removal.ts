import type { Tenant } from '../mirror/tenants.ts';
import type { SyncDeps } from './deps.ts';

export type RemovalDeps = Pick<SyncDeps, 'mirror' | 'timings' | 'log'> & {
  /** Ends the subscriptions of a tenant, at Graph as far as Graph allows it. */
  unsubscribe: (tenantId: string, signal: AbortSignal) => Promise<void>;
};

/**
 * Takes the next step in removing a tenant: no more tokens and no more notifications; no more documents
 * once every batch that had a token has ended.
 */
export async function removeTenant(
  { mirror, timings, log, unsubscribe }: RemovalDeps,
  { id }: Tenant,
  signal: AbortSignal,
): Promise<void> {
  const closedAt = await mirror.closeCounter(id);
  await unsubscribe(id, signal);
  const waitedMs = (await mirror.now()).getTime() - closedAt.getTime();
  if (waitedMs < timings.removalWaitMs) return;
  await mirror.tenants.erase(id);
  log.info({ tenantId: id }, 'tenant removed');
}
