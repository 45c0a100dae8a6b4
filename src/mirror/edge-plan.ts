import type { Plan } from './fenced-writes.ts';
import type { EdgeWrite, StoredEdge } from './types.ts';

/** What a fact about a membership does to the stored edge as it was seen (pure); the result tells whether it shows. */
export function planEdge(
  tenantId: string,
  write: EdgeWrite,
  seen: StoredEdge | undefined,
  batch: { token: number; now: Date; tombstoneKeepMs: number },
): Plan<boolean> {
  const { memberType, present } = write;
  if (!seen && present) return begun(tenantId, write, batch);
  const guard = { present: seen ? seen.present : { $exists: false } };
  const raised = { 'mirror.fence': batch.token, ...(memberType !== undefined && { memberType }) };
  if (seen?.present && !present && write.hold !== undefined) {
    const held = heldFields(write.hold, seen, batch.now);
    return { result: false, guard, update: { $set: { ...raised, ...held } } };
  }
  const cleared = { 'mirror.absent': '', 'mirror.held': '', 'mirror.kept': '' };
  if (seen?.present === present)
    return { result: false, guard, update: { $set: raised, $unset: cleared } };

  const identity = seen ? {} : identityOf(tenantId, write);
  const changed = { ...identity, ...raised, present, 'mirror.changedAt': batch.now };
  if (present) {
    const $set = { ...changed, since: batch.now, until: null };
    return { result: true, guard, update: { $set, $unset: { ...cleared, 'mirror.expireAt': '' } } };
  }
  const ended = endedFields(batch.now, batch.tombstoneKeepMs);
  const $set = { ...changed, ...ended, ...(!seen && { since: null }) };
  return { result: seen !== undefined, guard, update: { $set, $unset: cleared } };
}

/** Made in one piece: a load does this for each membership. */
function begun(
  tenantId: string,
  write: EdgeWrite,
  { token, now }: { token: number; now: Date },
): Plan<boolean> {
  const $set = {
    ...identityOf(tenantId, write),
    present: true,
    since: now,
    until: null,
    'mirror.fence': token,
    'mirror.changedAt': now,
  };
  return { result: true, guard: {}, update: { $set } };
}

const identityOf = (tenantId: string, { groupId, kind, memberId, memberType }: EdgeWrite) => ({
  tenantId,
  groupId,
  kind,
  memberId,
  memberType: memberType ?? null,
});

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
