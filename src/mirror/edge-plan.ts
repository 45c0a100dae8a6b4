import type { Plan } from './fenced-writes.ts';
import type { EdgeWrite, StoredEdge } from './types.ts';

/** What a fact about a membership does to the stored edge as it was seen (pure); the result tells whether it shows. */
export function planEdge(
  tenantId: string,
  write: EdgeWrite,
  seen: StoredEdge | undefined,
  batch: { token: number; now: Date; tombstoneKeepMs: number },
): Plan<boolean> {
  const { groupId, kind, memberId, memberType, present } = write;
  const guard = { present: seen ? seen.present : { $exists: false } };
  const raised = { 'mirror.fence': batch.token, ...(memberType !== undefined && { memberType }) };
  if (seen?.present && !present && write.hold !== undefined) {
    const held = heldFields(write.hold, seen, batch.now);
    return { result: false, guard, update: { $set: { ...raised, ...held } } };
  }
  const cleared = { 'mirror.absent': '', 'mirror.held': '', 'mirror.kept': '' };
  if (seen?.present === present)
    return { result: false, guard, update: { $set: raised, $unset: cleared } };

  const identity = seen
    ? {}
    : { tenantId, groupId, kind, memberId, memberType: memberType ?? null };
  const changed = { ...identity, ...raised, present, 'mirror.changedAt': batch.now };
  if (present) {
    const $set = { ...changed, since: batch.now, until: null };
    return { result: true, guard, update: { $set, $unset: { ...cleared, 'mirror.expireAt': '' } } };
  }
  const ended = endedFields(batch.now, batch.tombstoneKeepMs);
  const $set = { ...changed, ...ended, ...(!seen && { since: null }) };
  return { result: seen !== undefined, guard, update: { $set, $unset: cleared } };
}

function heldFields(hold: string, { mirror: { held, kept } }: StoredEdge, at: Date) {
  return held || kept ? {} : { 'mirror.held': { hold, evidence: 'delta', at } };
}

/** An ended edge stays for a while with its fence: it stops a slower, older write. */
export const endedFields = (now: Date, keepMs: number) => ({
  present: false,
  until: now,
  'mirror.changedAt': now,
  'mirror.expireAt': new Date(now.getTime() + keepMs),
});
