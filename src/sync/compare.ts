import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../change.ts';
import type { DeltaItem } from '../graph/types.ts';
import type { StoredEdge, StoredObject } from '../mirror/types.ts';

/**
 * Whether a delta item tells of something that the mirror does not hold: a tombstone that is missing,
 * an object that is unknown or not active, or another value of a property that the item shows.
 */
export function differs(item: DeltaItem, held: StoredObject | undefined): boolean {
  const state = held?.mirror.state;
  if (item.removed === 'deleted') return state !== 'purged';
  if (item.removed === 'changed') return state !== 'softDeleted' && state !== 'purged';
  if (!held || state !== 'active') return true;
  if (item.managerId !== undefined && item.managerId !== (held.managerId ?? null)) return true;
  return Object.entries(item.properties).some(([name, value]) => !same(value, held[name]));
}

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
  return entry.present !== (held?.present ?? false);
}

/** Absent means null, and lists have no order. */
function same(shown: unknown, held: unknown): boolean {
  if (Array.isArray(shown) && Array.isArray(held)) {
    return isDeepStrictEqual(sorted(shown), sorted(held));
  }
  return isDeepStrictEqual(shown ?? null, held ?? null);
}

const sorted = (list: readonly unknown[]) => list.map((value) => JSON.stringify(value)).sort();
