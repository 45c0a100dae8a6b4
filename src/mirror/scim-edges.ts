import { MongoBulkWriteError, type AnyBulkWriteOperation } from 'mongodb';
import { edgeKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import type { StoredEdge } from './types.ts';

/** A membership of a group that SCIM alone knows. */
export interface ScimEdge {
  connectionId: string;
  groupId: string;
  memberId: string;
  memberType: 'user' | 'group';
  present: boolean;
  /** Of the SCIM membership: an older one never overwrites a newer one. */
  revision: number;
}

/** Writes memberships as SCIM has them; what was never there need not be ended. */
export async function writeScimEdges(
  { collections: { memberships }, clock, tombstoneKeepMs }: MirrorDeps,
  edges: readonly ScimEdge[],
): Promise<void> {
  if (edges.length === 0) return;
  const now = new Date(clock.now());
  const expireAt = new Date(now.getTime() + tombstoneKeepMs);
  const held = await memberships.find({ _id: { $in: edges.map(keyOf) } }).toArray();
  const known = new Map(held.map((edge) => [edge._id, edge]));
  const changed = edges.filter((edge) => {
    const row = known.get(keyOf(edge));
    return edge.present ? row?.present !== true : row?.present === true;
  });
  const operations = (upserting: boolean): AnyBulkWriteOperation<StoredEdge>[] =>
    changed.map((edge) => ({
      updateOne: {
        filter: { _id: keyOf(edge), 'mirror.fence': { $lt: edge.revision } },
        update: { $set: edge.present ? begun(edge, now) : ended(edge, now, expireAt) },
        upsert: upserting && edge.present,
      },
    }));
  if (changed.length === 0) return;
  try {
    await memberships.bulkWrite(operations(true), { ordered: false });
  } catch (error) {
    // Code 11000 tells only that the edge exists.
    if (!(error instanceof MongoBulkWriteError) || error.code !== 11_000) throw error;
    await memberships.bulkWrite(operations(false), { ordered: false });
  }
}

const keyOf = ({ connectionId, groupId, memberId }: ScimEdge): string =>
  edgeKey(connectionId, { groupId, kind: 'member', memberId });

const begun = ({ connectionId, groupId, memberId, memberType, revision }: ScimEdge, now: Date) => ({
  ...{ tenantId: connectionId, groupId, kind: 'member' as const, memberId, memberType },
  ...{ present: true, since: now, until: null },
  mirror: { fence: revision, changedAt: now, source: 'scim' as const },
});

const ended = ({ revision }: ScimEdge, now: Date, expireAt: Date) => ({
  ...{ present: false, until: now },
  mirror: { fence: revision, changedAt: now, source: 'scim' as const, expireAt },
});

/** Takes back what a connection that is removed brought: its own documents and its facets. */
export async function removeScimTraces(
  { collections }: MirrorDeps,
  connectionId: string,
): Promise<void> {
  for (const objects of Object.values(collections.objects)) {
    await objects.deleteMany({ tenantId: connectionId });
    const detached: Record<string, unknown> = {
      $set: { 'mirror.source': 'graph' },
      $unset: { 'mirror.scim': '' },
      $inc: { 'mirror.revision': 1 },
    };
    await objects.updateMany({ 'mirror.scim.connectionId': connectionId }, detached);
  }
  await collections.memberships.deleteMany({ tenantId: connectionId });
}
