import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../change.ts';
import type { DeltaItem } from '../graph/types.ts';
import type { StoredEdge, StoredObject } from '../mirror/types.ts';

/**
 * Whether a delta item tells of something that the mirror does not hold: a tombstone that is missing,
 * an object that is unknown, not active or thought gone, or another value of a property that the item shows.
 */
export function differs(item: DeltaItem, held: StoredObject | undefined): boolean {
  const state = held?.mirror.state;
  if (held && isUndecided(held)) return item.removed === undefined;
  if (item.removed === 'deleted') return state !== 'purged';
  if (item.removed === 'changed') return state !== 'softDeleted' && state !== 'purged';
  if (!held || state !== 'active') return true;
  const shown = isNew(item) ? asNew(item, held) : item;
  if (shown.managerId !== undefined && shown.managerId !== (held.managerId ?? null)) return true;
  return Object.entries(shown.properties).some(([name, value]) => !same(value, held[name]));
}

/**
 * An object that came after the link is shown as new: with all that is set, and without what was set
 * and cleared since. Only such an item shows a property that never changes.
 */
const isNew = ({ properties }: DeltaItem) => properties['createdDateTime'] !== undefined;

/**
 * Whether an item tells of a restore: what it shows as new is older than the link (received at
 * `linkAt`). Perhaps no read has found it gone, and no delta shows what that did to the edges around it.
 */
export function isRestored(item: DeltaItem, linkAt: Date): boolean {
  const created = item.properties['createdDateTime'];
  return typeof created === 'string' && Date.parse(created) < linkAt.getTime();
}

/** What a new item does not show is null. */
function asNew({ properties, managerId = null }: DeltaItem, held: StoredObject) {
  const names = Object.keys(held).filter((name) => !ours.has(name));
  const unset = Object.fromEntries(names.map((name) => [name, null]));
  return { managerId, properties: { ...unset, ...properties } };
}

const ours = new Set(['_id', 'tenantId', 'id', 'managerId', 'mirror']);

/** What is put onto the queue for an item that differs; only a purge is announced as one. */
export function hinted({
  type,
  id,
  removed,
}: DeltaItem): Pick<Change, 'type' | 'id' | 'changeType'> {
  return { type, id, changeType: removed === 'deleted' ? 'deleted' : 'updated' };
}

/** Whether a replayed entry of `members@delta` says otherwise than the mirror. */
export function contradicts(entry: { present: boolean }, held: StoredEdge | undefined): boolean {
  if (!entry.present && held && isUndecided(held)) return false;
  return entry.present !== (held?.present ?? false);
}

/** A removal that waits for a person, or was rejected by one, is known. */
const isUndecided = ({ mirror }: StoredObject | StoredEdge): boolean =>
  (mirror.held ?? mirror.kept) !== undefined;

/** Absent means null, and lists have no order. */
function same(shown: unknown, held: unknown): boolean {
  if (Array.isArray(shown) && Array.isArray(held)) {
    return isDeepStrictEqual(sorted(shown), sorted(held));
  }
  return isDeepStrictEqual(shown ?? null, held ?? null);
}

const sorted = (list: readonly unknown[]) => list.map((value) => JSON.stringify(value)).sort();
