import { edgeKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import { endedFields, planEdge } from './edge-plan.ts';
import { writeFenced } from './fenced-writes.ts';
import { retryOnce } from './retry.ts';
import type { EdgeKind, EdgeWrite, StoredEdge } from './types.ts';

/** Fenced writes of memberships and ownerships; gives how many changed visibly. */
export async function applyEdges(
  { collections, clock, tombstoneKeepMs }: MirrorDeps,
  tenantId: string,
  writes: readonly EdgeWrite[],
  token: number,
): Promise<number> {
  const { memberships } = collections;
  const batch = { token, now: new Date(clock.now()), tombstoneKeepMs };
  const results = await writeFenced(memberships, writes, {
    token,
    keyOf: (write) => edgeKey(tenantId, write),
    look: (keys) => memberships.find({ _id: { $in: keys } }).toArray(),
    plan: (write, seen) => planEdge(tenantId, write, seen, batch),
  });
  return results.filter((result) => result === true).length;
}

/**
 * After a complete enumeration under `token`, whose pages were applied with it: present edges of the
 * group with a lower fence were not shown. They are noted absent, and end where an enumeration at
 * least `replicationMs` before `beganAt` (MongoDB's time) had noted them.
 */
export async function enumerated(
  deps: MirrorDeps,
  tenantId: string,
  groupId: string,
  kind: EdgeKind,
  token: number,
  replicationMs: number,
  beganAt: Date,
): Promise<{ absent: number; ended: number }> {
  const notShown = { tenantId, groupId, kind, present: true, 'mirror.fence': { $lt: token } };
  const notedBy = { $lte: new Date(beganAt.getTime() - replicationMs) };
  // A note needs no look at its token: whatever raises an edge's fence takes the note away.
  const ended = await end(deps, { ...notShown, 'mirror.absent.at': notedBy }, token);
  const noted = await retryOnce(() =>
    deps.collections.memberships.updateMany(
      { ...notShown, 'mirror.absent': { $exists: false } },
      { $set: { 'mirror.absent': { at: beganAt, token } } },
    ),
  );
  return { absent: noted.modifiedCount, ended };
}

/** Ends every edge of a purged group; gives how many. */
export async function endEdgesOfGroup(
  deps: MirrorDeps,
  tenantId: string,
  groupId: string,
  token: number,
): Promise<number> {
  return end(deps, { tenantId, groupId, present: true, 'mirror.fence': { $lt: token } }, token);
}

async function end(
  { collections, clock, tombstoneKeepMs }: MirrorDeps,
  edges: Record<string, unknown>,
  token: number,
): Promise<number> {
  const fields = endedFields(new Date(clock.now()), tombstoneKeepMs);
  const { modifiedCount } = await retryOnce(() =>
    collections.memberships.updateMany(edges, {
      $set: { ...fields, 'mirror.fence': token },
      $unset: { 'mirror.absent': '' },
    }),
  );
  return modifiedCount;
}

/** Stored edges in the order of `keys`. */
export async function edgesOf(
  { collections }: MirrorDeps,
  tenantId: string,
  keys: readonly Pick<EdgeWrite, 'groupId' | 'kind' | 'memberId'>[],
): Promise<(StoredEdge | undefined)[]> {
  const ids = keys.map((key) => edgeKey(tenantId, key));
  const found = await collections.memberships.find({ _id: { $in: ids } }).toArray();
  const byId = new Map(found.map((edge) => [edge._id, edge]));
  return ids.map((id) => byId.get(id));
}
