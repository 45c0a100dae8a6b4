import { edgeKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import { endedFields, planEdge } from './edge-plan.ts';
import { writeFenced } from './fenced-writes.ts';
import { holdBackEdges } from './hold-back.ts';
import { openHold } from './open-hold.ts';
import { isTooMany } from './removal-window.ts';
import { retryOnce } from './retry.ts';
import type { EdgeKind, EdgeWrite, StoredEdge } from './types.ts';

/**
 * Fenced writes of memberships and ownerships; gives how many changed visibly. Too many ends in one
 * group are held back. `isNew`: the mirror is thought to hold none of them yet.
 */
export async function applyEdges(
  deps: MirrorDeps,
  tenantId: string,
  writes: readonly EdgeWrite[],
  token: number,
  isNew = false,
): Promise<number> {
  const { memberships } = deps.collections;
  const { tombstoneKeepMs } = deps;
  const held = await holdBackEdges(deps, tenantId, writes);
  const batch = { token, now: new Date(deps.clock.now()), tombstoneKeepMs };
  const results = await writeFenced(memberships, held, {
    ...{ token, isNew },
    keyOf: (write) => edgeKey(tenantId, write),
    look: (keys) => memberships.find({ _id: { $in: keys } }).toArray(),
    plan: (write, seen) => planEdge(tenantId, write, seen, batch),
  });
  return results.filter((result) => result === true).length;
}

type EdgesOfGroup = Pick<StoredEdge, 'groupId' | 'kind'>;

/** Those of some groups' members and owners, enumerated under `token`, that hold present edges which were not shown. */
export async function notWhollyShown(
  { collections }: MirrorDeps,
  tenantId: string,
  enumerated: readonly EdgesOfGroup[],
  token: number,
): Promise<EdgesOfGroup[]> {
  if (enumerated.length === 0) return [];
  const groupId = { $in: [...new Set(enumerated.map((edges) => edges.groupId))] };
  const kind = { $in: ['member', 'owner'] };
  const notShown = { tenantId, groupId, kind, present: true, 'mirror.fence': { $lt: token } };
  const found = await collections.memberships
    .aggregate<{ _id: EdgesOfGroup }>([
      { $match: notShown },
      { $group: { _id: { groupId: '$groupId', kind: '$kind' } } },
    ])
    .toArray();
  const names = new Set(found.map(({ _id }) => `${_id.groupId}/${_id.kind}`));
  return enumerated.filter((edges) => names.has(`${edges.groupId}/${edges.kind}`));
}

/**
 * After a complete enumeration under `token`, whose pages were applied with it: present edges of the
 * group with a lower fence were not shown. They are noted absent, and end where an enumeration at
 * least `replicationMs` before `beganAt` (MongoDB's time) had noted them, or a hold of them was approved.
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
  const approved = await end(deps, { ...notShown, 'mirror.held.approved': true }, token);
  // A note needs no look at its token: whatever raises an edge's fence takes the note away.
  const unmarked = { ...notShown, 'mirror.held': missing, 'mirror.kept': missing };
  const ended = await endOrHold(deps, { ...unmarked, 'mirror.absent.at': notedBy }, token);
  const noted = await retryOnce(() =>
    deps.collections.memberships.updateMany(
      { ...unmarked, 'mirror.absent': missing },
      { $set: { 'mirror.absent': { at: beganAt, token } } },
    ),
  );
  return { absent: noted.modifiedCount, ended: approved + ended };
}

const missing = { $exists: false };

/** Members who are absent for the second time, too many at once, are held. */
async function endOrHold(
  deps: MirrorDeps,
  edges: { tenantId: string; groupId: string; kind: EdgeKind } & Record<string, unknown>,
  token: number,
): Promise<number> {
  const { tenantId, groupId, kind } = edges;
  const { memberships } = deps.collections;
  const scope = { tenantId, groupId };
  const count = kind === 'member' ? await memberships.countDocuments(edges) : 0;
  if (!(await isTooMany(deps, scope, count))) return end(deps, edges, token);
  const hold = await openHold(deps, scope);
  const held = { hold, evidence: 'absent' as const, at: new Date(deps.clock.now()) };
  await retryOnce(() => memberships.updateMany(edges, { $set: { 'mirror.held': held } }));
  return 0;
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
      $unset: { 'mirror.absent': '', 'mirror.held': '', 'mirror.kept': '' },
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
