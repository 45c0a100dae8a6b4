import type { MirrorDeps } from './deps.ts';

/** Older ones are of a process that is gone, or that wants nothing. */
const freshMs = 3_000;

type Demands = Record<string, Partial<Record<string, number>>>;

/** Publishes what a process wants to spend, by tenant and lane, unless it has nothing new to say; gives the others' demands. */
export async function exchangeDemands(
  { collections: { demands } }: MirrorDeps,
  instanceId: string,
  own: Demands | undefined,
): Promise<Demands[]> {
  if (own !== undefined) {
    const update = { $set: { tenants: own }, $currentDate: { at: true as const } };
    await demands.updateOne({ _id: instanceId }, update, { upsert: true });
  }
  const isFresh = { $gt: ['$at', { $subtract: ['$$NOW', freshMs] }] };
  const others = await demands.find({ _id: { $ne: instanceId }, $expr: isFresh }).toArray();
  return others.map(({ tenants }) => tenants);
}
