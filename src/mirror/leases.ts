import type { Collections } from './collections.ts';
import { isDuplicateKey } from './fenced-writes.ts';
import { retryOnce } from './retry.ts';
import type { HeldLease, StoredLease } from './types.ts';

const idle: Omit<StoredLease, '_id' | 'requested'> = {
  holder: null,
  epoch: 0,
  expiresAt: new Date(0),
  served: 0,
};

/** MongoDB's time decides when a lease ends; an epoch tells one holder from the next. */
export function createLeases({ leases }: Collections) {
  const isOver = { $expr: { $lte: ['$expiresAt', '$$NOW'] } };
  const lengthened = (ttlMs: number) => ({ expiresAt: { $add: ['$$NOW', ttlMs] } });

  /** Undefined while another holds it. */
  async function acquireLease(
    name: string,
    holder: string,
    ttlMs: number,
  ): Promise<HeldLease | undefined> {
    // MongoDB takes no $expr in an upsert, so the document has to be there first.
    await ensureLease(name);
    const taken = await leases.findOneAndUpdate(
      { _id: name, ...isOver },
      [{ $set: { holder, epoch: { $add: ['$epoch', 1] }, ...lengthened(ttlMs) } }],
      { returnDocument: 'after' },
    );
    return taken ? heldBy(holder, taken) : undefined;
  }

  async function ensureLease(name: string): Promise<void> {
    if (await leases.findOne({ _id: name }, { projection: { _id: 1 } })) return;
    try {
      await leases.insertOne({ _id: name, ...idle, requested: 0 });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** Undefined where another has taken it; an expired lease that nobody took is still the holder's. */
  async function renewLease(lease: HeldLease, ttlMs: number): Promise<HeldLease | undefined> {
    const renewed = await retryOnce(() =>
      leases.findOneAndUpdate(sameHolder(lease), [{ $set: lengthened(ttlMs) }], {
        returnDocument: 'after',
      }),
    );
    return renewed ? heldBy(lease.holder, renewed) : undefined;
  }

  /** With `ifRequested`, the lease stays held (false) where more has been asked for meanwhile. */
  async function releaseLease(lease: HeldLease, ifRequested?: number): Promise<boolean> {
    const served = ifRequested === undefined ? {} : { served: ifRequested };
    const requested = ifRequested === undefined ? {} : { requested: ifRequested };
    const { matchedCount } = await leases.updateOne(
      { ...sameHolder(lease), ...requested },
      { $set: { holder: null, expiresAt: new Date(0), ...served } },
    );
    return matchedCount > 0;
  }

  /** Counts one request in the lease's document, held or not. */
  async function requestLease(name: string): Promise<void> {
    await retryOnce(() =>
      leases.updateOne(
        { _id: name },
        { $inc: { requested: 1 }, $setOnInsert: idle },
        { upsert: true },
      ),
    );
  }

  /** Whether requests wait and nobody holds it. */
  async function leaseWanted(name: string): Promise<boolean> {
    const waiting = { $expr: { $and: [isOver.$expr, { $gt: ['$requested', '$served'] }] } };
    return (await leases.findOne({ _id: name, ...waiting })) !== null;
  }

  return { acquireLease, renewLease, releaseLease, requestLease, leaseWanted };
}

const sameHolder = ({ name, holder, epoch }: HeldLease) => ({ _id: name, holder, epoch });

const heldBy = (holder: string, { _id, epoch, requested }: StoredLease): HeldLease => ({
  name: _id,
  holder,
  epoch,
  requested,
});
