import type { UpdateFilter } from 'mongodb';
import type { ObjectRef, ObjectType } from '../change.ts';
import { objectKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';
import type { MirrorState, StoredObject } from './types.ts';

interface EdgesDue {
  since: Date;
  looks: number;
}

/** Objects whose edges are due: a first look at once, the second `replicationMs` after it. */
export async function edgesDue(
  deps: MirrorDeps,
  tenantId: string,
  replicationMs: number,
  limit: number,
): Promise<(ObjectRef & { state: MirrorState; edgesDue: EdgesDue })[]> {
  const lookedBefore = new Date((await now(deps)).getTime() - replicationMs);
  const looks = [
    { 'mirror.edgesDue.looks': 0 },
    { 'mirror.edgesDue.looks': 1, 'mirror.edgesDue.since': { $lte: lookedBefore } },
  ];
  const lists = (['user', 'group'] as const).flatMap((type) =>
    looks.map((due) => dueOf(deps, type, { tenantId, ...due }, limit)),
  );
  return (await Promise.all(lists)).flat().slice(0, limit);
}

async function dueOf(
  { collections }: MirrorDeps,
  type: ObjectType,
  filter: Record<string, unknown>,
  limit: number,
) {
  const found = await collections.objects[type]
    .find(filter, { projection: { id: 1, 'mirror.state': 1, 'mirror.edgesDue': 1 } })
    .sort({ 'mirror.edgesDue.since': 1 })
    .limit(limit)
    .toArray();
  return found.flatMap(({ id, mirror: { state, edgesDue: due } }) =>
    due ? [{ type, id, state, edgesDue: due }] : [],
  );
}

/** Marks groups, or people, whose edges must be read, at once and again later. */
export async function markEdgesDue(
  deps: MirrorDeps,
  tenantId: string,
  ids: readonly string[],
  type: ObjectType = 'group',
): Promise<void> {
  const due = { since: await now(deps), looks: 0 };
  const keys = ids.map((id) => objectKey(tenantId, id));
  await retryOnce(() =>
    deps.collections.objects[type].updateMany(
      { _id: { $in: keys } },
      { $set: { 'mirror.edgesDue': due } },
    ),
  );
}

/** Notes a look by compare-and-set; the second one clears the mark. A mark set anew stays. */
export async function looked(
  deps: MirrorDeps,
  tenantId: string,
  { type, id }: ObjectRef,
  seen: EdgesDue,
): Promise<void> {
  const asSeen = {
    _id: objectKey(tenantId, id),
    'mirror.edgesDue.since': seen.since,
    'mirror.edgesDue.looks': seen.looks,
  };
  const next: UpdateFilter<StoredObject> =
    seen.looks === 0
      ? { $set: { 'mirror.edgesDue': { since: await now(deps), looks: 1 } } }
      : { $unset: { 'mirror.edgesDue': '' } };
  await retryOnce(() => deps.collections.objects[type].updateOne(asSeen, next));
}
