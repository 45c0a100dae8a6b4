import type { ObjectType } from '../change.ts';
import { edgeKey, objectKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import { openHold } from './open-hold.ts';
import { isTooMany } from './removal-window.ts';
import type { EdgeWrite, HeldMark, KeptMark, ObjectWrite, RemovalScope } from './types.ts';

/**
 * The same writes, where removals of active objects that are too many at once name the hold that
 * records them. What is held or kept already is not counted and opens no second hold.
 */
export async function holdBackObjects(
  deps: MirrorDeps,
  tenantId: string,
  writes: readonly ObjectWrite[],
): Promise<ObjectWrite[]> {
  const keysOf = (type: ObjectType) =>
    writes
      .filter((write) => write.type === type && write.state !== 'active')
      .map(({ id }) => objectKey(tenantId, id));
  const marks = new Map([
    ...(await marksOf(deps, 'user', keysOf('user'))),
    ...(await marksOf(deps, 'group', keysOf('group'))),
  ]);
  const marksFor = ({ type, id }: ObjectWrite) => marks.get(`${type}/${objectKey(tenantId, id)}`);
  const holds = await holdsFor(deps, { tenantId }, writes.map(marksFor));
  return writes.map((write, index) => named(write, holds[index]));
}

async function marksOf(
  { collections }: MirrorDeps,
  type: ObjectType,
  keys: string[],
): Promise<[string, Marks][]> {
  if (keys.length === 0) return [];
  const active = await collections.objects[type]
    .find(
      { _id: { $in: keys }, 'mirror.state': 'active' },
      { projection: { 'mirror.held': 1, 'mirror.kept': 1 } },
    )
    .toArray();
  return active.map(({ _id, mirror }) => [`${type}/${_id}`, mirror]);
}

/** The same for ends of memberships, each group on its own; owners are few and are not watched. */
export async function holdBackEdges(
  deps: MirrorDeps,
  tenantId: string,
  writes: readonly EdgeWrite[],
): Promise<EdgeWrite[]> {
  const ends = writes.filter(({ kind, present }) => kind === 'member' && !present);
  if (ends.length === 0) return [...writes];
  const keys = ends.map((end) => edgeKey(tenantId, end));
  const present = await deps.collections.memberships
    .find(
      { _id: { $in: keys }, present: true },
      { projection: { 'mirror.held': 1, 'mirror.kept': 1 } },
    )
    .toArray();
  const marks = new Map(present.map(({ _id, mirror }) => [_id, mirror]));
  const holdOf = new Map<EdgeWrite, string | undefined>();
  for (const groupId of new Set(ends.map((end) => end.groupId))) {
    const own = ends.filter((end) => end.groupId === groupId);
    const found = own.map((end) => marks.get(edgeKey(tenantId, end)));
    const holds = await holdsFor(deps, { tenantId, groupId }, found);
    own.forEach((end, index) => holdOf.set(end, holds[index]));
  }
  return writes.map((write) => named(write, holdOf.get(write)));
}

interface Marks {
  held?: HeldMark;
  kept?: KeptMark;
}

/** For each removal the hold that records it; undefined where it is applied or removes nothing. */
async function holdsFor(
  deps: MirrorDeps,
  scope: RemovalScope,
  marks: readonly (Marks | undefined)[],
): Promise<(string | undefined)[]> {
  const isFresh = (found: Marks | undefined) => found && !found.held && !found.kept;
  const fresh = (await isTooMany(deps, scope, marks.filter(isFresh).length))
    ? await openHold(deps, scope)
    : undefined;
  return marks.map((found) => {
    if (isFresh(found)) return fresh;
    return found?.held?.approved ? undefined : (found?.held ?? found?.kept)?.hold;
  });
}

const named = <Write extends object>(write: Write, hold: string | undefined): Write =>
  hold === undefined ? write : { ...write, hold };
