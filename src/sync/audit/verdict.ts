import type { ObjectType } from '../../change.ts';
import type { AuditDifference } from '../../mirror/audits.ts';
import type { StoredEdge, StoredObject } from '../../mirror/types.ts';
import type { EdgeLook, EdgesOfGroup } from './edge-looks.ts';
import { heldState, sourceState } from './object-differences.ts';
import type { ObjectLook } from './object-looks.ts';

/** What a suspect is after both looks. */
export type Verdict =
  | { kind: 'difference'; differences: AuditDifference[] }
  /** Its removal waits for a person, or was rejected by one. */
  | { kind: 'held' | 'kept' }
  /** It differed at both looks, but not in the same way. */
  | { kind: 'unsettled' };

/** Judges an object by the `names` that differed in the same way at both looks. */
export function judgeObject(type: ObjectType, look: ObjectLook, names: readonly string[]): Verdict {
  const { id, read, held } = look;
  if (names.length === 0) return { kind: 'unsettled' };
  const of = `${type}s` as const;
  if (!names.includes('state')) {
    return { kind: 'difference', differences: contentDifferences(of, look, names) };
  }
  if (sourceState(read) !== 'active') {
    const mark = markOf(held);
    if (mark) return { kind: mark };
  }
  const kind = kindOf(sourceState(read), heldState(held));
  return { kind: 'difference', differences: [{ of, kind, id, properties: ['state'] }] };
}

/** A mirror that holds as active what is not has something extra; one that does not hold it lacks it. */
function kindOf(there: string, here: string): AuditDifference['kind'] {
  if (here === 'absent') return 'missing';
  if (there === 'absent') return 'extra';
  return here === 'active' ? 'extra' : 'missing';
}

function contentDifferences(
  of: 'users' | 'groups',
  { id, read, held }: ObjectLook,
  names: readonly string[],
): AuditDifference[] {
  const properties = names.filter((name) => name !== 'manager').sort();
  const differences: AuditDifference[] = [];
  if (properties.length > 0) differences.push({ of, kind: 'different', id, properties });
  if (names.includes('manager')) {
    const there = read.kind === 'found' ? read.object.managerId : null;
    const kind = there === null ? 'extra' : held?.managerId ? 'different' : 'missing';
    differences.push({ of: 'managers', kind, id });
  }
  return differences;
}

/** Judges an edge that was on the same side only at both looks. */
export function judgeEdge({ groupId, kind }: EdgesOfGroup, { memberId, held }: EdgeLook): Verdict {
  const mark = markOf(held);
  if (mark) return { kind: mark };
  const id = `${groupId}/${kind}/${memberId}`;
  return {
    kind: 'difference',
    differences: [{ of: 'memberships', kind: held ? 'extra' : 'missing', id }],
  };
}

function markOf(stored: StoredObject | StoredEdge | undefined): 'held' | 'kept' | undefined {
  if (stored?.mirror.held) return 'held';
  return stored?.mirror.kept ? 'kept' : undefined;
}
