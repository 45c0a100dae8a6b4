import type { ObjectRef, ObjectType } from '../change.ts';
import type { MirrorDeps } from './deps.ts';
import { forgetHold } from './open-hold.ts';
import { scopeKey } from './removal-window.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';
import type { EdgeKind, HeldMark, StoredHold } from './types.ts';

/** One removal of a hold: an object, or a member of the hold's group. */
export type HeldItem = { evidence: HeldMark['evidence']; at: Date } & (
  ObjectRef | { groupId: string; kind: EdgeKind; memberId: string }
);
export type Hold = StoredHold & { items: number };

const types: readonly ObjectType[] = ['user', 'group'];

/** Holds of a tenant, the newest first, with how much each still holds. */
export async function list(
  deps: MirrorDeps,
  tenantId: string,
  states: readonly StoredHold['state'][] = ['open', 'approved', 'rejected'],
): Promise<Hold[]> {
  const found = await deps.collections.holds
    .find({ tenantId, state: { $in: [...states] } })
    .sort({ openedAt: -1 })
    .limit(1_000)
    .toArray();
  return Promise.all(
    found.map(async (hold) => ({ ...hold, items: await countItems(deps, hold._id) })),
  );
}

/** Decided holds of which something may be left to do. */
export async function unfinished(
  { collections }: MirrorDeps,
  tenantId: string,
): Promise<StoredHold[]> {
  return collections.holds
    .find({ tenantId, state: { $ne: 'open' }, finishedAt: { $exists: false } })
    .sort({ openedAt: -1 })
    .toArray();
}

/** Decides an open hold; undefined where there is none of this id. */
export async function decide(
  deps: MirrorDeps,
  holdId: string,
  state: 'approved' | 'rejected',
  decidedBy: 'person' | 'time',
): Promise<StoredHold | undefined> {
  const $set = { state, decidedBy, decidedAt: await now(deps) };
  const hold = await retryOnce(() =>
    deps.collections.holds.findOneAndUpdate(
      { _id: holdId, state: 'open' },
      { $set },
      { returnDocument: 'after' },
    ),
  );
  if (!hold) return undefined;
  await forgetHold(deps, hold, holdId);
  // Who approves has seen the mass removal: what follows is counted anew.
  if (state === 'approved') {
    const began = { _id: scopeKey(hold) };
    await deps.collections.removals.updateOne(began, { $set: { beganAt: new Date(0) } });
  }
  return hold;
}

/** What a hold holds, at most `limit` of each collection. */
export async function itemsOf(
  { collections }: MirrorDeps,
  holdId: string,
  limit: number,
): Promise<HeldItem[]> {
  const held = { 'mirror.held.hold': holdId };
  const objects = await Promise.all(
    types.map(async (type) => {
      const found = await collections.objects[type].find(held, { limit, projection }).toArray();
      return found.flatMap(({ id, mirror }) => itemOf({ type, id }, mirror.held));
    }),
  );
  const edges = await collections.memberships.find(held, { limit }).toArray();
  return [
    ...objects.flat(),
    ...edges.flatMap(({ groupId, kind, memberId, mirror }) =>
      itemOf({ groupId, kind, memberId }, mirror.held),
    ),
  ];
}

const projection = { id: 1, 'mirror.held': 1 } as const;

const itemOf = <Item>(item: Item, held: HeldMark | undefined) =>
  held ? [{ ...item, evidence: held.evidence, at: held.at }] : [];

/** Pages of the objects of an approved hold, each marked approved before it is given. */
export async function* approveObjects(
  { collections }: MirrorDeps,
  holdId: string,
  pageSize: number,
): AsyncGenerator<(ObjectRef & Pick<HeldMark, 'evidence' | 'at'>)[]> {
  for (const type of types) {
    const objects = collections.objects[type];
    let after = '';
    for (;;) {
      const next = { _id: { $gt: after }, 'mirror.held.hold': holdId };
      const page = await objects
        .find(next, { projection })
        .sort({ _id: 1 })
        .limit(pageSize)
        .toArray();
      const last = page.at(-1);
      if (!last) break;
      after = last._id;
      const ids = page.map(({ _id }) => _id);
      const still = { _id: { $in: ids }, 'mirror.held.hold': holdId };
      await retryOnce(() => objects.updateMany(still, approved));
      yield page.flatMap(({ id, mirror }) => itemOf({ type, id }, mirror.held));
    }
  }
}

/** Marks the memberships of an approved hold: the next enumeration that does not show them ends them. */
export async function approveEdges({ collections }: MirrorDeps, holdId: string): Promise<void> {
  const held = { 'mirror.held.hold': holdId };
  await retryOnce(() => collections.memberships.updateMany(held, approved));
}

const approved = { $set: { 'mirror.held.approved': true } };

/** What a rejected hold holds stays until it is seen alive. */
export async function keepItems(deps: MirrorDeps, holdId: string): Promise<void> {
  const { objects, memberships } = deps.collections;
  const held = { 'mirror.held.hold': holdId };
  const $set = { 'mirror.kept': { hold: holdId, at: await now(deps) } };
  const $unset = { 'mirror.held': '', 'mirror.absent': '' } as const;
  await retryOnce(() => objects.user.updateMany(held, { $set, $unset }));
  await retryOnce(() => objects.group.updateMany(held, { $set, $unset }));
  await retryOnce(() => memberships.updateMany(held, { $set, $unset }));
}

export async function noteSent(deps: MirrorDeps, holdId: string): Promise<void> {
  const $set = { sentAt: await now(deps) };
  await retryOnce(() => deps.collections.holds.updateOne({ _id: holdId }, { $set }));
}

/** Notes that a decided hold is done with, once nothing of it is left; true then. */
export async function finish(deps: MirrorDeps, holdId: string): Promise<boolean> {
  if ((await countItems(deps, holdId)) > 0) return false;
  const $set = { finishedAt: await now(deps) };
  await retryOnce(() => deps.collections.holds.updateOne({ _id: holdId }, { $set }));
  return true;
}

async function countItems({ collections }: MirrorDeps, holdId: string): Promise<number> {
  const { objects, memberships } = collections;
  const held = { 'mirror.held.hold': holdId };
  const counts = await Promise.all([
    objects.user.countDocuments(held),
    objects.group.countDocuments(held),
    memberships.countDocuments(held),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}
