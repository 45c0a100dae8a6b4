import type { ObjectRef, ObjectType } from '../change.ts';
import { keysAfter, objectKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import type { EdgeKind, StoredEdge, StoredObject } from './types.ts';

type EdgeName = Pick<StoredEdge, 'groupId' | 'kind' | 'memberId'>;

/** Users or groups that are not purged, whole, in the order of their ids. */
export function heldObjects(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
): AsyncIterable<StoredObject> {
  return collections.objects[type]
    .find({ _id: keysAfter(tenantId), 'mirror.state': { $in: ['active', 'softDeleted'] } })
    .sort({ _id: 1 })
    .batchSize(500);
}

/** Names of all present memberships and ownerships, those of a group and kind together, in the order of the groups' ids. */
export function presentEdges(
  { collections }: MirrorDeps,
  tenantId: string,
): AsyncIterable<EdgeName> {
  return collections.memberships
    .find({ _id: keysAfter(tenantId), present: true })
    .project<EdgeName>({ _id: 0, groupId: 1, kind: 1, memberId: 1 })
    .sort({ _id: 1 })
    .batchSize(5_000);
}

/** Present edges of one group, in the order of the members' ids. */
export function presentEdgesOf(
  { collections }: MirrorDeps,
  tenantId: string,
  groupId: string,
  kind: EdgeKind,
): AsyncIterable<StoredEdge> {
  return collections.memberships
    .find({ tenantId, groupId, kind, present: true })
    .sort({ memberId: 1 })
    .batchSize(1_000);
}

/** Ids of up to `limit` soft-deleted people and groups. */
export async function softDeletedIds(
  { collections }: MirrorDeps,
  tenantId: string,
  limit: number,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const objects of Object.values(collections.objects)) {
    const found = objects
      .find({ tenantId, 'mirror.state': 'softDeleted' }, { projection: { id: 1 } })
      .limit(limit);
    for await (const { id } of found) ids.add(id);
  }
  return ids;
}

/** Has the next read of these taken as a change, even where their stored hash says that it is none. */
export async function distrust(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  refs: readonly Pick<ObjectRef, 'id'>[],
): Promise<void> {
  const keys = refs.map(({ id }) => objectKey(tenantId, id));
  await retryOnce(() =>
    collections.objects[type].updateMany(
      { _id: { $in: keys }, 'mirror.state': 'active' },
      { $set: { 'mirror.contentHash': '' } },
    ),
  );
}
