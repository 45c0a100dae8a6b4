import { requestPeople } from './hint.ts';
import type { ProvisionDeps } from './provision-deps.ts';
import type { Claimed } from './claims.ts';

/** Tells those who wait for this manager, once their object id is known. */
export async function announce(
  claimed: Claimed,
  personId: string,
  deps: ProvisionDeps,
): Promise<void> {
  const { record } = claimed;
  if (record.objectId !== personId) await deps.store.records.note(claimed, { objectId: personId });
  const names = [record.employeeId.toLowerCase(), record.mail];
  const reports = await deps.store.records.waitingFor(record.tenantId, names);
  await requestPeople(deps, record.tenantId, reports);
}
