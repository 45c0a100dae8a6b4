import type { ObjectRef, ObjectType } from '../change.ts';
import { keysAfter, objectKey, type Collections } from './collections.ts';
import { retryOnce } from './retry.ts';
import type { MirrorState } from './types.ts';

interface Page {
  /** Id of the last object of the page before. */
  after?: string | undefined;
  limit: number;
}
interface EdgesDue {
  since: Date;
  looks: number;
}

/** What synchronisation has yet to look at, in bounded pages. */
export function createWorkLists(deps: {
  collections: Collections;
  /** MongoDB's time. */
  now: () => Promise<Date>;
}) {
  const { objects } = deps.collections;

  /** Ids, in order, of objects not purged whose fence is below `token`: a pass has not seen them. */
  const suspects = (tenantId: string, type: ObjectType, token: number, page: Page) =>
    ids(type, tenantId, page, {
      'mirror.fence': { $lt: token },
      'mirror.state': { $in: ['active', 'softDeleted'] },
    });

  /** Ids of active groups, in order. */
  const activeGroups = (tenantId: string, page: Page) =>
    ids('group', tenantId, page, { 'mirror.state': 'active' });

  async function ids(
    type: ObjectType,
    tenantId: string,
    { after, limit }: Page,
    filter: Record<string, unknown>,
  ): Promise<string[]> {
    const found = await objects[type]
      .find({ _id: keysAfter(tenantId, after), ...filter }, { projection: { id: 1 } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return found.map(({ id }) => id);
  }

  /** Ids of active users whose manager is this person. */
  async function reportsOf(tenantId: string, managerId: string): Promise<string[]> {
    const found = await objects.user
      .find({ tenantId, managerId, 'mirror.state': 'active' }, { projection: { id: 1 } })
      .toArray();
    return found.map(({ id }) => id);
  }

  /** Objects whose edges are due: a first look at once, the second `replicationMs` after it. */
  async function edgesDue(
    tenantId: string,
    replicationMs: number,
    limit: number,
  ): Promise<(ObjectRef & { state: MirrorState; edgesDue: EdgesDue })[]> {
    const lookedBefore = new Date((await deps.now()).getTime() - replicationMs);
    const first = { 'mirror.edgesDue.looks': 0 };
    const second = {
      'mirror.edgesDue.looks': 1,
      'mirror.edgesDue.since': { $lte: lookedBefore },
    };
    const lists = (['user', 'group'] as const).flatMap((type) =>
      [first, second].map((due) => dueOf(type, { tenantId, ...due }, limit)),
    );
    return (await Promise.all(lists)).flat().slice(0, limit);
  }

  async function dueOf(type: ObjectType, filter: Record<string, unknown>, limit: number) {
    const found = await objects[type]
      .find(filter, { projection: { id: 1, 'mirror.state': 1, 'mirror.edgesDue': 1 } })
      .sort({ 'mirror.edgesDue.since': 1 })
      .limit(limit)
      .toArray();
    return found.flatMap(({ id, mirror: { state, edgesDue: due } }) =>
      due ? [{ type, id, state, edgesDue: due }] : [],
    );
  }

  /** Marks groups whose edges must be enumerated, at once and again later. */
  async function markEdgesDue(tenantId: string, groupIds: readonly string[]): Promise<void> {
    const due = { since: await deps.now(), looks: 0 };
    const keys = groupIds.map((id) => objectKey(tenantId, id));
    await retryOnce(() =>
      objects.group.updateMany({ _id: { $in: keys } }, { $set: { 'mirror.edgesDue': due } }),
    );
  }

  /** Notes a look by compare-and-set; the second one clears the mark. A mark set anew stays. */
  async function looked(tenantId: string, { type, id }: ObjectRef, seen: EdgesDue): Promise<void> {
    const due = { since: await deps.now(), looks: 1 };
    await retryOnce(() =>
      objects[type].updateOne(
        {
          _id: objectKey(tenantId, id),
          'mirror.edgesDue.since': seen.since,
          'mirror.edgesDue.looks': seen.looks,
        },
        seen.looks === 0
          ? { $set: { 'mirror.edgesDue': due } }
          : { $unset: { 'mirror.edgesDue': '' } },
      ),
    );
  }

  return { suspects, activeGroups, reportsOf, edgesDue, markEdgesDue, looked };
}
