import type { HrStore } from './store.ts';

/** What blocked an employee or was written when, without the values; undefined where HR never sent them. */
export async function explain(tenantId: string, key: string, { records }: HrStore) {
  const record = await records.find(tenantId, key);
  if (!record) return undefined;
  const { employeeId, state, reason, trouble, objectId, importId, waitsFor, unsupported } = record;
  return {
    ...{ employeeId, state, reason, trouble, objectId, importId, waitsFor, unsupported },
    receivedAt: record.receivedAt,
    writtenAt: record.writtenAt,
    verifiedAt: record.verifiedAt,
    seenInMirrorAt: record.mirroredAt,
    log: record.log,
  };
}
