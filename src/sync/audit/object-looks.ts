import type { ObjectType } from '../../change.ts';
import type { StoredObject } from '../../mirror/types.ts';
import type { Audit } from './context.ts';
import { readDirectly, softDeletedAmong } from './direct-reads.ts';
import { objectDifferences, type Found } from './object-differences.ts';

/** What differed at one look at an object; both sides as they were seen. */
export interface ObjectLook {
  id: string;
  read: Found;
  held: StoredObject | undefined;
  differences: Record<string, string>;
}

/** Reads suspects on both sides and gives those that differ, and the ids that Graph refused. */
export async function lookAtObjects(
  audit: Audit,
  type: ObjectType,
  ids: readonly string[],
): Promise<{ looks: ObjectLook[]; refused: string[] }> {
  const refs = ids.map((id) => ({ type, id }));
  const reads = await readDirectly(audit, refs);
  const held = await audit.deps.mirror.currentOf(audit.tenantId, refs);
  const hidden = await softDeletedAmong(
    audit,
    refs.flatMap((_, index) => managerInDoubt(reads[index], held[index])),
  );
  const looks = ids.flatMap((id, index): ObjectLook[] => {
    const read = reads[index];
    if (!read) return [];
    const stored = held[index];
    const differences = objectDifferences(read, stored, (person) => hidden.has(person));
    return Object.keys(differences).length > 0 ? [{ id, read, held: stored, differences }] : [];
  });
  return { looks, refused: ids.filter((_, index) => !reads[index]) };
}

/** Graph shows none and the mirror holds one: who is soft-deleted is not shown. */
function managerInDoubt(read: Found | undefined, held: StoredObject | undefined) {
  const isInDoubt = read?.kind === 'found' && read.object.managerId === null && held?.managerId;
  return isInDoubt ? [{ type: 'user' as const, id: isInDoubt }] : [];
}
