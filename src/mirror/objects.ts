import type { Collection } from 'mongodb';
import type { ObjectRef, ObjectType } from '../change.ts';
import { objectKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import { writeFenced, type Unwritten } from './fenced-writes.ts';
import { holdBackObjects } from './hold-back.ts';
import { planObject, type Batch, type ObjectResult } from './object-plan.ts';
import type { ObjectWrite, StoredObject, WriteResult } from './types.ts';

const types: ObjectType[] = ['user', 'group'];

/** Fenced writes of whole reads; results in the order of `writes`. Too many removals are held back. */
export async function applyObjects(
  deps: MirrorDeps,
  tenantId: string,
  writes: readonly ObjectWrite[],
  batch: Batch,
): Promise<WriteResult[]> {
  const { collections, clock, tombstoneKeepMs } = deps;
  const held = await holdBackObjects(deps, tenantId, writes);
  const settings = { ...batch, now: new Date(clock.now()), tombstoneKeepMs };
  const results = new Map<ObjectWrite, ObjectResult | Unwritten>();
  const writeType = async (type: ObjectType) => {
    const own = held.filter((write) => write.type === type);
    const collection = collections.objects[type];
    const outcomes = await writeFenced(collection, own, {
      ...{ token: batch.token, isNew: batch.isNew },
      keyOf: ({ id }) => objectKey(tenantId, id),
      look: (keys) => look(collection, keys, batch.shape),
      plan: (write, seen) => planObject(tenantId, write, seen, settings),
    });
    own.forEach((write, index) => results.set(write, outcomes[index] ?? 'stale'));
  };
  await Promise.all(types.map(writeType));
  return held.map((write) => resultOf(write, results.get(write)));
}

/** Our part of each document; all of it where another property table wrote it, to see what is to go. */
async function look(
  collection: Collection<StoredObject>,
  keys: string[],
  shape: string,
): Promise<StoredObject[]> {
  const ours = await collection
    .find({ _id: { $in: keys } }, { projection: { mirror: 1 } })
    .toArray();
  const reshaped = ours.filter(({ mirror }) => mirror.shape !== shape).map(({ _id }) => _id);
  if (reshaped.length === 0) return ours;
  return [...ours, ...(await collection.find({ _id: { $in: reshaped } }).toArray())];
}

function resultOf(
  { type, id }: ObjectWrite,
  outcome: ObjectResult | Unwritten = 'stale',
): WriteResult {
  if (typeof outcome === 'string') return { type, id, result: outcome, cameAlive: false };
  return { type, id, ...outcome };
}

/** Stored documents in the order of `refs`. */
export async function currentOf(
  { collections }: MirrorDeps,
  tenantId: string,
  refs: readonly ObjectRef[],
): Promise<(StoredObject | undefined)[]> {
  const found = new Map<string, StoredObject>();
  for (const type of types) {
    const keys = refs.filter((ref) => ref.type === type).map(({ id }) => objectKey(tenantId, id));
    if (keys.length === 0) continue;
    for await (const document of collections.objects[type].find({ _id: { $in: keys } }))
      found.set(`${type}/${document.id}`, document);
  }
  return refs.map(({ type, id }) => found.get(`${type}/${id}`));
}
