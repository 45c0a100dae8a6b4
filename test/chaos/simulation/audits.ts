import type { DirectoryEvent } from '../../../src/local/graph/directory/event.ts';
import type { Difference } from '../../../src/proof/compare.ts';

/** A read may come so late, while nothing fails for long. */
const seenWithinMs = 3 * 60_000;

/**
 * Objects that were deleted and restored before a read can be sure to have found them gone. What that
 * hides no sweep can show (`consistency.md`, "What no sweep sees"): it is the audit's to repair.
 */
export function brieflyGone(history: readonly DirectoryEvent[]): Set<string> {
  const deletedAt = new Map<string, number>();
  const found = new Set<string>();
  for (const { kind, id, at } of history) {
    if (kind === 'softDeleted') deletedAt.set(id, at);
    const since = deletedAt.get(id);
    if (kind === 'restored' && since !== undefined && at - since < seenWithinMs) found.add(id);
  }
  return found;
}

/** The id of a membership names its group and its member. */
export const concerns = ({ id }: Difference, ids: ReadonlySet<string>): boolean =>
  id.split('/').some((part) => ids.has(part));
