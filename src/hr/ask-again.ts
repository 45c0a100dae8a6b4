import { requestPeople } from './hint.ts';
import type { ProvisionDeps } from './provision-deps.ts';

/**
 * Asks again for records whose hint was lost: stored while the queue was away, or given up on by the broker.
 * Those that were tried and failed have retries of their own. How many there were.
 */
export async function askAgain(
  deps: Pick<ProvisionDeps, 'store' | 'publish' | 'clock' | 'timings'>,
): Promise<number> {
  const before = new Date(deps.clock.now() - deps.timings.replicationMs);
  const overdue = await deps.store.records.overdue(before);
  for (const [tenantId, employeeIds] of overdue) await requestPeople(deps, tenantId, employeeIds);
  return [...overdue.values()].flat().length;
}
