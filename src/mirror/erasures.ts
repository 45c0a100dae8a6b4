import type { ScimObject } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import type { StoredObject } from './types.ts';

/** That the data of a person was erased: when, and what the tombstone says since. */
export interface StoredErasure {
  /** Key of the person's document. */
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
  deps: MirrorDeps,
  tenantId: string,
  id: string,
): Promise<StoredErasure | undefined> {
  const { objects } = deps.collections;
  const _id = `${tenantId}/${id}`;
  for (;;) {
    const held = await objects.user.findOne({ _id });
    if (!held || held.mirror.state === 'active') return undefined;
    const as = { _id, 'mirror.revision': held.mirror.revision, 'mirror.state': held.mirror.state };
    const emptied = emptiedAt(held, new Date(deps.clock.now()));
    const { matchedCount } = await objects.user.replaceOne(as, emptied);
    if (matchedCount > 0) return noteErasure(deps, tenantId, id, held.mirror.state);
  }
}

/** The same for the document of a person whom SCIM alone knew, or knew first. */
export async function eraseAlone(
  { collections: { scimObjects }, clock, tombstoneKeepMs }: MirrorDeps,
  _id: string,
): Promise<void> {
  for (;;) {
    const held = await scimObjects.user.findOne({ _id });
    if (!held) return;
    const now = clock.now();
    const emptied = emptiedAt(held, new Date(now));
    const state = held.mirror.state === 'merged' ? 'merged' : 'purged';
    const mirror = { ...emptied.mirror, state, expireAt: new Date(now + tombstoneKeepMs) } as const;
    const as = { _id, 'mirror.revision': held.mirror.revision };
    const { matchedCount } = await scimObjects.user.replaceOne(as, { ...emptied, mirror });
    if (matchedCount > 0) return;
  }
}

/** Records that it was done. */
export async function noteErasure(
  { collections: { erasures }, clock }: MirrorDeps,
  tenantId: string,
  id: string,
  state: StoredErasure['state'] = 'purged',
): Promise<StoredErasure> {
  const _id = `${tenantId}/${id}`;
  const erasure = { _id, tenantId, id, erasedAt: new Date(clock.now()), state };
  await erasures.replaceOne({ _id }, erasure, { upsert: true });
  return erasure;
}

/** When the data of this person was erased, if it was. */
export async function erasureOf(
  { collections }: MirrorDeps,
  tenantId: string,
  id: string,
): Promise<StoredErasure | undefined> {
  return (await collections.erasures.findOne({ _id: `${tenantId}/${id}` })) ?? undefined;
}

function emptiedAt<Stored extends StoredObject | ScimObject>(held: Stored, at: Date) {
  const { _id, tenantId, id, mirror } = held;
  const kept: Stored['mirror'] = {
    ...mirror,
    ...{ revision: mirror.revision + 1, contentHash: '', changedAt: at },
  };
  delete kept.upn;
  delete kept.mail;
  delete kept.scim;
  return { _id, tenantId, id, managerId: null, mirror: kept };
}
