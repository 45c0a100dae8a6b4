import type { ObjectRef } from '../../change.ts';
import type { EdgeKind } from '../../graph/types.ts';
import type { StoredEdge } from '../../mirror/types.ts';
import type { Audit } from './context.ts';
import { createDigestTable, discrepancies, type Entry } from './digest-table.ts';
import { readDirectly, softDeletedAmong } from './direct-reads.ts';
import { edgesKey, readEdgePages } from './edge-pages.ts';

export interface EdgesOfGroup {
  groupId: string;
  kind: EdgeKind;
}
/** An edge that only one side has; `held` where that is the mirror. */
export interface EdgeLook {
  memberId: string;
  held?: StoredEdge;
}

const forgivenAtOnce = 200;

/**
 * Enumerates the members or the owners of one group and gives the edges that only one side has;
 * undefined where Graph refuses. Held in memory are those, and a shard at a time of the rest.
 */
export async function lookAtEdges(
  audit: Audit,
  edges: EdgesOfGroup,
): Promise<EdgeLook[] | undefined> {
  const table = createDigestTable(audit.scratch);
  const ends = await readEdgePages(audit, [edges], async (_request, page) => {
    for (const { memberId } of page) await table.add({ key: memberId, digest: '' });
  });
  const end = ends.get(edgesKey(edges));
  if (end === 'refused') return undefined;
  // Nobody is shown the members of a soft-deleted group: it keeps those it had.
  if (end !== 'found' && (await isSoftDeleted(audit, edges.groupId))) return [];
  const looks: EdgeLook[] = [];
  for await (const { key, held } of discrepancies(table, mirrored(audit, edges)))
    looks.push({ memberId: key, ...(held && { held: held.edge }) });
  return withoutHidden(audit, looks);
}

async function isSoftDeleted(audit: Audit, groupId: string): Promise<boolean> {
  const [read] = await readDirectly(audit, [{ type: 'group', id: groupId }]);
  return read?.kind === 'softDeleted';
}

async function* mirrored(
  { deps, tenantId }: Audit,
  { groupId, kind }: EdgesOfGroup,
): AsyncGenerator<Entry & { edge: StoredEdge }> {
  for await (const edge of deps.mirror.presentEdgesOf(tenantId, groupId, kind))
    yield { key: edge.memberId, digest: '', edge };
}

/**
 * Graph shows no member who is soft-deleted, and version 1.0 lists no service principals: that such
 * an edge is not shown says nothing.
 */
async function withoutHidden(audit: Audit, looks: EdgeLook[]): Promise<EdgeLook[]> {
  const hidden = new Set<string>();
  const extra = looks.flatMap(({ held }) => held ?? []);
  for (let at = 0; at < extra.length; at += forgivenAtOnce) {
    const refs = extra.slice(at, at + forgivenAtOnce).map(refOfMember);
    for (const id of await softDeletedAmong(audit, refs)) hidden.add(id);
  }
  return looks.filter(
    ({ held }) => !held || (!hidden.has(held.memberId) && held.memberType !== 'servicePrincipal'),
  );
}

const refOfMember = ({ memberId, memberType }: StoredEdge): ObjectRef => ({
  type: memberType === 'group' ? 'group' : 'user',
  id: memberId,
});
