import type { ObjectRef, ObjectType } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import { objectKey, type Collections } from './collections.ts';
import { writeFenced } from './fenced-writes.ts';
import { planObject, type Batch, type ObjectResult } from './object-plan.ts';
import type { ObjectWrite, StoredObject, WriteResult } from './types.ts';

const types: ObjectType[] = ['user', 'group'];

export function createObjects(deps: {
  collections: Collections;
  clock: Clock;
  tombstoneKeepMs: number;
}) {
  const { objects } = deps.collections;

  /** Fenced writes of whole reads; results in the order of `writes`. */
  async function applyObjects(
    tenantId: string,
    writes: readonly ObjectWrite[],
    batch: Batch,
  ): Promise<WriteResult[]> {
    const settings = {
      ...batch,
      now: new Date(deps.clock.now()),
      tombstoneKeepMs: deps.tombstoneKeepMs,
    };
    const results = new Map<ObjectWrite, ObjectResult | 'stale'>();
    for (const type of types) {
      const own = writes.filter((write) => write.type === type);
      const outcomes = await writeFenced(objects[type], own, {
        token: batch.token,
        keyOf: ({ id }) => objectKey(tenantId, id),
        plan: (write, seen) => planObject(tenantId, write, seen, settings),
      });
      own.forEach((write, index) => results.set(write, outcomes[index] ?? 'stale'));
    }
    return writes.map((write) => resultOf(write, results.get(write)));
  }

  /** Stored documents in the order of `refs`. */
  async function currentOf(
    tenantId: string,
    refs: readonly ObjectRef[],
  ): Promise<(StoredObject | undefined)[]> {
    const found = new Map<string, StoredObject>();
    for (const type of types) {
      const keys = refs.filter((ref) => ref.type === type).map(({ id }) => objectKey(tenantId, id));
      if (keys.length === 0) continue;
      for await (const document of objects[type].find({ _id: { $in: keys } }))
        found.set(`${type}/${document.id}`, document);
    }
    return refs.map(({ type, id }) => found.get(`${type}/${id}`));
  }

  return { applyObjects, currentOf };
}

function resultOf(
  { type, id }: ObjectWrite,
  outcome: ObjectResult | 'stale' = 'stale',
): WriteResult {
  if (outcome === 'stale') return { type, id, result: 'stale', cameAlive: false };
  return { type, id, ...outcome };
}
