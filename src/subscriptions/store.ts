import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import type { RemoteSubscription, SubscriptionRecord, Wanted } from './types.ts';

/** What tells a notification of ours from a stranger's. */
interface KnownSubscription {
  tenantId: string;
  /** Absent while its create call has not returned. */
  subscriptionId?: string | undefined;
  clientStateHash: string;
}

export type SubscriptionStore = Awaited<ReturnType<typeof openSubscriptionStore>>;
type Records = Collection<SubscriptionRecord>;

/** Graph retries a notification for hours, so an ended subscription stays known for a day. */
const knownAfterEndMs = 24 * 60 * 60_000;

/** The records of what was asked of Graph, in the collection `subscriptions`, its indexes there. */
export async function openSubscriptionStore({ db, clock }: { db: Db; clock: Clock }) {
  const records: Records = db.collection('subscriptions');
  await records.createIndexes([
    { key: { tenantId: 1, createdAt: 1 } },
    { key: { subscriptionId: 1 } },
    { key: { clientStateHash: 1 } },
    { key: { expireAt: 1 }, expireAfterSeconds: 0 },
  ]);
  const now = () => new Date(clock.now());
  return { ...life(records, now), ...receipts(records, now), ...knowledge(records, now) };
}

/** A record's way from its create call to its end. */
function life(records: Records, now: () => Date) {
  const set = async (id: string, fields: Partial<SubscriptionRecord>) => {
    await records.updateOne({ _id: id }, { $set: fields });
  };
  const ended = () => {
    const expireAt = new Date(now().getTime() + knownAfterEndMs);
    return { state: 'ended' as const, endedAt: now(), expireAt };
  };
  return {
    /** Written before its create call: a notification may arrive before that call returns. */
    async begin(tenantId: string, wanted: Wanted, clientStateHash: string) {
      const nothing = { subscriptionId: null, expiresAt: null, renewedAt: null, checkedAt: null };
      const record: SubscriptionRecord = {
        ...{ _id: randomUUID(), tenantId, ...wanted, clientStateHash, state: 'pending' },
        ...{ ...nothing, createdAt: now(), failures: 0, retryAt: null },
      };
      await records.insertOne(record);
      return record;
    },

    /** Graph has taken a create or a renewal, or the subscription is taken over. */
    async activate(id: string, remote: RemoteSubscription): Promise<void> {
      const at = now();
      const active = {
        state: 'active' as const,
        subscriptionId: remote.id,
        expiresAt: new Date(remote.expirationDateTime),
        ...{ renewedAt: at, checkedAt: at, failures: 0, retryAt: null },
      };
      const $unset = { renewRequestedAt: '', endedAt: '', expireAt: '' } as const;
      await records.updateOne({ _id: id }, { $set: active, $unset });
    },

    checked: (id: string) => set(id, { checkedAt: now(), failures: 0, retryAt: null }),
    failed: (id: string, failures: number, retryAt: Date) => set(id, { failures, retryAt }),
    end: (id: string) => set(id, ended()),

    async endByRemoteId(tenantId: string, subscriptionId: string): Promise<void> {
      await records.updateMany({ tenantId, subscriptionId, state: 'active' }, { $set: ended() });
    },

    async forget(tenantId: string): Promise<void> {
      await records.deleteMany({ tenantId });
    },

    async requestRenewal(tenantId: string, subscriptionId: string): Promise<void> {
      await records.updateMany({ tenantId, subscriptionId }, { $set: { renewRequestedAt: now() } });
    },
  };
}

/** What comes for a subscription. */
function receipts(records: Records, now: () => Date) {
  return {
    /** Receipts and mismatches since the last time, by Graph's id. */
    async noteVerdicts(
      matched: readonly string[],
      mismatched: readonly (readonly [subscriptionId: string, count: number])[],
    ): Promise<void> {
      if (matched.length > 0) {
        const received = { $set: { lastReceiptAt: now() } };
        await records.updateMany({ subscriptionId: { $in: [...matched] } }, received);
      }
      for (const [subscriptionId, mismatches] of mismatched) {
        await records.updateMany({ subscriptionId }, { $inc: { mismatches } });
      }
    },

    /** When a notification of ours came last, of any tenant. */
    async lastReceiptAt(): Promise<Date | undefined> {
      const [newest] = await records.find().sort({ lastReceiptAt: -1 }).limit(1).toArray();
      return newest?.lastReceiptAt;
    },
  };
}

function knowledge(records: Records, now: () => Date) {
  const valid = () => ({
    $or: [{ state: { $ne: 'ended' as const } }, { expireAt: { $gt: now() } }],
  });
  return {
    /** Every record of a tenant, oldest first. */
    of: (tenantId: string): Promise<SubscriptionRecord[]> =>
      records.find({ tenantId }).sort({ createdAt: 1 }).toArray(),

    /** All whose notifications count, those that ended within a day included. */
    async known(): Promise<KnownSubscription[]> {
      return (await records.find(valid()).toArray()).map(toKnown);
    },

    /** By Graph's id, else by the hash of a create call that has not returned. */
    async find(
      subscriptionId: string,
      clientStateHash: string,
    ): Promise<KnownSubscription | undefined> {
      const byEither = { $or: [{ subscriptionId }, { clientStateHash }] };
      const found = await records.find({ $and: [byEither, valid()] }).toArray();
      const record = found.find((one) => one.subscriptionId === subscriptionId) ?? found[0];
      return record && toKnown(record);
    },
  };
}

const toKnown = (record: SubscriptionRecord): KnownSubscription => ({
  tenantId: record.tenantId,
  subscriptionId: record.subscriptionId ?? undefined,
  clientStateHash: record.clientStateHash,
});
