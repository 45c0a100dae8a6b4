import type { MirrorDeps } from './deps.ts';
import type { StoredObject } from './types.ts';

/** That the data of a person was erased: when, and what the tombstone says since. */
export interface StoredErasure {
  /** `<tenantId>/<objectId>` */
  _id: string;
  tenantId: string;
  id: string;
  erasedAt: Date;
  state: 'softDeleted' | 'purged';
}

/**
 * Leaves nothing of a person's tombstone but what keeps older writes out: its ids, its state and its
 * fence. What is active is not erased, since its next read would bring all back; undefined then.
 */
export async function erase(
  { collections, clock }: MirrorDeps,
  tenantId: string,
  id: string,
): Promise<StoredErasure | undefined> {
  const { objects, erasures } = collections;
  const _id = `${tenantId}/${id}`;
  const erasedAt = new Date(clock.now());
  for (;;) {
    const held = await objects.user.findOne({ _id });
    if (!held || held.mirror.state === 'active') return undefined;
    const as = { _id, 'mirror.revision': held.mirror.revision, 'mirror.state': held.mirror.state };
    const { matchedCount } = await objects.user.replaceOne(as, emptied(held, erasedAt));
    if (matchedCount === 0) continue;
    const erasure = { _id, tenantId, id, erasedAt, state: held.mirror.state };
    await erasures.replaceOne({ _id }, erasure, { upsert: true });
    return erasure;
  }
}

/** When the data of this person was erased, if it was. */
export async function erasureOf(
  { collections }: MirrorDeps,
  tenantId: string,
  id: string,
): Promise<StoredErasure | undefined> {
  return (await collections.erasures.findOne({ _id: `${tenantId}/${id}` })) ?? undefined;
}

function emptied({ _id, tenantId, id, mirror }: StoredObject, at: Date): StoredObject {
  const revision = mirror.revision + 1;
  const kept = { ...mirror, revision, contentHash: '', changedAt: at };
  delete kept.upn;
  delete kept.mail;
  delete kept.scim;
  return { _id, tenantId, id, mirror: kept };
}
