import type { Clock } from '../ops/clock.ts';
import { edgeKey, type Collections } from './collections.ts';
import { endedFields, planEdge } from './edge-plan.ts';
import { writeFenced } from './fenced-writes.ts';
import { retryOnce } from './retry.ts';
import type { EdgeKind, EdgeWrite, StoredEdge } from './types.ts';

/** Memberships and ownerships, one document each, written by the tenant's groups reader alone. */
export function createEdges(deps: {
  collections: Collections;
  clock: Clock;
  /** MongoDB's time. */
  now: () => Promise<Date>;
  tombstoneKeepMs: number;
}) {
  const { memberships } = deps.collections;
  const { tombstoneKeepMs } = deps;

  /** Fenced writes of edges; gives how many changed visibly. */
  async function applyEdges(
    tenantId: string,
    writes: readonly EdgeWrite[],
    token: number,
  ): Promise<number> {
    const batch = { token, now: new Date(deps.clock.now()), tombstoneKeepMs };
    const results = await writeFenced(memberships, writes, {
      token,
      keyOf: (write) => edgeKey(tenantId, write),
      plan: (write, seen) => planEdge(tenantId, write, seen, batch),
    });
    return results.filter((result) => result === true).length;
  }

  /**
   * After a complete enumeration under `token`, whose pages were applied with it: present edges of
   * the group with a lower fence were not shown. They are noted absent, and end where an enumeration
   * at least `replicationMs` before `beganAt` (MongoDB's time) had noted them.
   */
  async function enumerated(
    tenantId: string,
    groupId: string,
    kind: EdgeKind,
    token: number,
    replicationMs: number,
    beganAt?: Date,
  ): Promise<{ absent: number; ended: number }> {
    const at = beganAt ?? (await deps.now());
    const notShown = { tenantId, groupId, kind, present: true, 'mirror.fence': { $lt: token } };
    const notedBy = { $lte: new Date(at.getTime() - replicationMs) };
    // A note needs no look at its token: whatever raises an edge's fence takes the note away.
    const ended = await end({ ...notShown, 'mirror.absent.at': notedBy }, token);
    const noted = await retryOnce(() =>
      memberships.updateMany(
        { ...notShown, 'mirror.absent': { $exists: false } },
        { $set: { 'mirror.absent': { at, token } } },
      ),
    );
    return { absent: noted.modifiedCount, ended };
  }

  async function end(edges: Record<string, unknown>, token: number): Promise<number> {
    const fields = endedFields(new Date(deps.clock.now()), tombstoneKeepMs);
    const { modifiedCount } = await retryOnce(() =>
      memberships.updateMany(edges, {
        $set: { ...fields, 'mirror.fence': token },
        $unset: { 'mirror.absent': '' },
      }),
    );
    return modifiedCount;
  }

  /** Ends every edge of a purged group; gives how many. */
  const endEdgesOfGroup = (tenantId: string, groupId: string, token: number): Promise<number> =>
    end({ tenantId, groupId, present: true, 'mirror.fence': { $lt: token } }, token);

  /** Stored edges in the order of `keys`. */
  async function edgesOf(
    tenantId: string,
    keys: readonly Pick<EdgeWrite, 'groupId' | 'kind' | 'memberId'>[],
  ): Promise<(StoredEdge | undefined)[]> {
    const ids = keys.map((key) => edgeKey(tenantId, key));
    const found = await memberships.find({ _id: { $in: ids } }).toArray();
    const byId = new Map(found.map((edge) => [edge._id, edge]));
    return ids.map((id) => byId.get(id));
  }

  return { applyEdges, enumerated, endEdgesOfGroup, edgesOf };
}
