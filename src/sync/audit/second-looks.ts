import type { ObjectType } from '../../change.ts';
import type { Audit } from './context.ts';
import { lookAtEdges } from './edge-looks.ts';
import { persisting } from './object-differences.ts';
import { lookAtObjects } from './object-looks.ts';
import { rereadEdges, rereadObjects } from './repair.ts';
import type { Spill } from './scratch.ts';
import {
  chunksOf,
  nameOf,
  type SuspectEdges,
  type SuspectObject,
  type Suspects,
} from './suspects.ts';
import { judgeEdge, judgeObject, type Verdict } from './verdict.ts';

const objectsAtOnce = 200;

/** Looks at all suspects again, counts what differs as before and, to `repair` it, hands it on. */
export async function lookAgain(audit: Audit, suspects: Suspects, repair: boolean): Promise<void> {
  await objectsAgain(audit, 'user', suspects.users, repair);
  await objectsAgain(audit, 'group', suspects.groups, repair);
  await edgesAgain(audit, suspects.edges, repair);
}

async function objectsAgain(
  audit: Audit,
  type: ObjectType,
  suspects: Spill,
  repair: boolean,
): Promise<void> {
  for await (const { lines } of chunksOf(suspects, objectsAtOnce)) {
    const first = lines.map((line) => JSON.parse(line) as SuspectObject);
    const before = new Map(first.map(({ id, differences }) => [id, differences]));
    const { looks, refused } = await lookAtObjects(audit, type, [...before.keys()]);
    audit.tally.unread += refused.length;
    const wrong = looks.filter((look) => {
      const names = persisting(before.get(look.id) ?? {}, look.differences);
      return count(audit, judgeObject(type, look, names));
    });
    if (repair)
      await rereadObjects(
        audit,
        type,
        wrong.map(({ id }) => id),
      );
  }
}

async function edgesAgain(audit: Audit, suspects: Spill, repair: boolean): Promise<void> {
  for await (const { lines } of chunksOf(suspects, 1)) {
    for (const line of lines) {
      const { seen, ...edges } = JSON.parse(line) as SuspectEdges;
      const before = new Set(seen);
      const looks = await lookAtEdges(audit, edges);
      if (!looks) audit.tally.unread += 1;
      const same = (looks ?? []).filter((look) => before.has(nameOf(look)));
      const wrong = same.filter((look) => count(audit, judgeEdge(edges, look)));
      if (repair && wrong.length > 0) await rereadEdges(audit, [edges.groupId]);
    }
  }
}

/** True where it is a difference. */
function count({ tally }: Audit, verdict: Verdict): boolean {
  if (verdict.kind !== 'difference') {
    tally[verdict.kind] += 1;
    return false;
  }
  verdict.differences.forEach((difference) => tally.add(difference));
  return true;
}
