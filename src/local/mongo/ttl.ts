import type { Collection } from './engine/collection.ts';
import type { CollectionIndex } from './engine/collection-index.ts';
import type { Databases } from './engine/databases.ts';
import { inverted, keyOf, last } from './engine/key.ts';

/** Removes what the TTL indexes say has expired by `now`. */
export function sweepExpired(databases: Databases, now: Date): void {
  for (const collection of databases.all()) {
    for (const index of collection.indexes) {
      if (index.expireAfterSeconds === undefined || index.fields.length > 1) continue;
      sweepIndex(collection, index, now.getTime() - index.expireAfterSeconds * 1_000);
    }
  }
}

function sweepIndex(collection: Collection, index: CollectionIndex, until: number): void {
  const oldest = keyOf(new Date(-8.64e15));
  const newest = keyOf(new Date(until));
  const range = index.fields[0]?.descending
    ? index.entries.range(inverted(newest), inverted(oldest) + last)
    : index.entries.range(oldest, newest + last);
  for (const record of new Set([...range].map((entry) => entry.record))) {
    collection.remove(record);
  }
}
