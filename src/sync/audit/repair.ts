import type { ObjectType } from '../../change.ts';
import { hintsOf } from '../hints.ts';
import type { Audit } from './context.ts';

/** Has objects read whole by a worker. The audit itself writes no data. */
export async function rereadObjects(
  { deps, tenantId }: Audit,
  type: ObjectType,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const { mirror, publish, clock } = deps;
  const refs = ids.map((id) => ({ type, id }));
  await mirror.distrust(tenantId, type, refs);
  const counter = await mirror.currentToken(tenantId);
  await publish(tenantId, hintsOf(refs, counter, clock.now()));
}

/** Has the edges of groups enumerated by the groups reader, and groups that are not there read. */
export async function rereadEdges(audit: Audit, groupIds: readonly string[]): Promise<void> {
  if (groupIds.length === 0) return;
  const { deps, tenantId } = audit;
  const refs = groupIds.map((id) => ({ type: 'group' as const, id }));
  const held = await deps.mirror.currentOf(tenantId, refs);
  const unknown = groupIds.filter((_, index) => !held[index]);
  await deps.mirror.markEdgesDue(tenantId, groupIds);
  await rereadObjects(audit, 'group', unknown);
}
