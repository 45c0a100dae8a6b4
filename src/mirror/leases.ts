import type { MirrorDeps } from './deps.ts';
import { isDuplicateKey } from './fenced-writes.ts';
import { retryOnce } from './retry.ts';
import type { HeldLease, StoredLease } from './types.ts';

const idle: Omit<StoredLease, '_id' | 'requested'> = {
  holder: null,
  epoch: 0,
  expiresAt: new Date(0),
  served: 0,
};

/** MongoDB's time decides when a lease ends. */
const isOver = { $lte: ['$expiresAt', '$$NOW'] };
const lengthened = (ttlMs: number) => ({ expiresAt: { $add: ['$$NOW', ttlMs] } });

/** Takes a lease; undefined while another holds it. */
export async function acquireLease(
  deps: MirrorDeps,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<HeldLease | undefined> {
  // MongoDB takes no $expr in an upsert, so the document has to be there first.
  await ensureLease(deps, name);
  const taken = await deps.collections.leases.findOneAndUpdate(
    { _id: name, $expr: isOver },
    [{ $set: { holder, epoch: { $add: ['$epoch', 1] }, ...lengthened(ttlMs) } }],
    { returnDocument: 'after' },
  );
  return taken ? heldBy(holder, taken) : undefined;
}

async function ensureLease({ collections }: MirrorDeps, name: string): Promise<void> {
  const { leases } = collections;
  if (await leases.findOne({ _id: name }, { projection: { _id: 1 } })) return;
  try {
    await leases.insertOne({ _id: name, ...idle, requested: 0 });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Undefined where another has taken it; an expired lease that nobody took is still the holder's. */
export async function renewLease(
  { collections }: MirrorDeps,
  lease: HeldLease,
  ttlMs: number,
): Promise<HeldLease | undefined> {
  const renewed = await retryOnce(() =>
    collections.leases.findOneAndUpdate(sameHolder(lease), [{ $set: lengthened(ttlMs) }], {
      returnDocument: 'after',
    }),
  );
  return renewed ? heldBy(lease.holder, renewed) : undefined;
}

/** With `ifRequested`, the lease stays held (false) where more has been asked for meanwhile. */
export async function releaseLease(
  { collections }: MirrorDeps,
  lease: HeldLease,
  ifRequested?: number,
): Promise<boolean> {
  const isFinished = ifRequested !== undefined;
  const { matchedCount } = await collections.leases.updateOne(
    { ...sameHolder(lease), ...(isFinished && { requested: ifRequested }) },
    {
      $set: { holder: null, expiresAt: new Date(0), ...(isFinished && { served: ifRequested }) },
    },
  );
  return matchedCount > 0;
}

/** Counts one request in the lease's document, held or not. */
export async function requestLease({ collections }: MirrorDeps, name: string): Promise<void> {
  const count = { $inc: { requested: 1 }, $setOnInsert: idle };
  await retryOnce(() => collections.leases.updateOne({ _id: name }, count, { upsert: true }));
}

/** Whether requests wait and nobody holds it. */
export async function leaseWanted({ collections }: MirrorDeps, name: string): Promise<boolean> {
  const $expr = { $and: [isOver, { $gt: ['$requested', '$served'] }] };
  return (await collections.leases.findOne({ _id: name, $expr })) !== null;
}

const sameHolder = ({ name, holder, epoch }: HeldLease) => ({ _id: name, holder, epoch });

const heldBy = (holder: string, { _id, epoch, requested }: StoredLease): HeldLease => ({
  name: _id,
  holder,
  epoch,
  requested,
});
