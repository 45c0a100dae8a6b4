import { randomUUID } from 'node:crypto';
import { MongoServerError, type Collection, type Filter } from 'mongodb';
import type { Query } from './filter/query.ts';
import { keysOf } from './keys.ts';
import type { Resource } from './schema/value.ts';
import type { Kind, MemberIntent, StoredResource } from './types.ts';

interface Page {
  skip?: number;
  /** `id` of the last one of the page before. */
  after?: string;
  limit: number;
}

/** Deleted ones are kept this long. */
const tombstoneKeepMs = 30 * 24 * 3_600_000;
const maxQueryMs = 5_000;

/** Resources of one kind. What another writer changed meanwhile is not overwritten: `revision` tells. */
export const createResourceStore = (
  kind: Kind,
  records: Collection<StoredResource>,
  now: () => Date,
) => ({ ...reading(records), ...writing(kind, records, now), ...showing(records) });

function reading(records: Collection<StoredResource>) {
  return {
    async get(connectionId: string, id: string): Promise<StoredResource | undefined> {
      return (await records.findOne({ _id: `${connectionId}/${id}`, live: true })) ?? undefined;
    },

    /** Deleted ones too. */
    byKeys: (keys: readonly string[]): Promise<StoredResource[]> =>
      records.find({ _id: { $in: [...keys] } }).toArray(),

    /** Which of these are there, and whether they live. */
    async liveAmong(connectionId: string, ids: readonly string[]): Promise<Map<string, boolean>> {
      if (ids.length === 0) return new Map();
      const keys = ids.map((id) => `${connectionId}/${id}`);
      const found = records.find({ _id: { $in: keys } }, { projection: { id: 1, live: 1 } });
      return new Map((await found.toArray()).map(({ id, live }) => [id, live]));
    },

    async find(connectionId: string, query: Query, page: Page): Promise<StoredResource[]> {
      return records
        .find(matching(connectionId, query, page.after), { maxTimeMS: maxQueryMs })
        .sort({ id: 1 })
        .skip(page.skip ?? 0)
        .limit(page.limit)
        .toArray();
    },

    count: (connectionId: string, query: Query): Promise<number> =>
      records.countDocuments(matching(connectionId, query), { maxTimeMS: maxQueryMs }),
  };
}

const matching = (connectionId: string, query: Query, after?: string): Filter<StoredResource> => ({
  ...{ connectionId, live: true, ...query },
  ...(after !== undefined && { $and: [query, { id: { $gt: after } }] }),
});

function writing(kind: Kind, records: Collection<StoredResource>, now: () => Date) {
  return {
    /** `taken` where a live one has the same name. */
    async create(connectionId: string, resource: Resource): Promise<StoredResource | 'taken'> {
      const id = randomUUID();
      const at = now();
      const record: StoredResource = {
        ...{ _id: `${connectionId}/${id}`, connectionId, id, resource },
        ...{ keys: keysOf(kind, resource), live: true, revision: 1 },
        ...{ createdAt: at, changedAt: at, due: true },
      };
      return unlessTaken(async () => {
        await records.insertOne(record);
        return record;
      });
    },

    /** Undefined where it is no longer as it was seen. */
    async change(
      { _id, revision }: StoredResource,
      resource: Resource,
      intent?: MemberIntent,
    ): Promise<StoredResource | 'taken' | undefined> {
      const changed = { resource, keys: keysOf(kind, resource), changedAt: now(), due: true };
      const note = intent && { $push: { pending: intent } };
      return unlessTaken(async () => {
        const after = await records.findOneAndUpdate(
          { _id, live: true, revision },
          { $set: changed, $inc: { revision: 1 }, ...note },
          { returnDocument: 'after' },
        );
        return after ?? undefined;
      });
    },

    /** The tombstone leaves the name free. Undefined where it is gone, or not as it was seen. */
    async remove(
      connectionId: string,
      id: string,
      seenRevision?: number,
    ): Promise<StoredResource | undefined> {
      const at = now();
      const expireAt = new Date(at.getTime() + tombstoneKeepMs);
      const seen = seenRevision === undefined ? {} : { revision: seenRevision };
      const removed = await records.findOneAndUpdate(
        { _id: `${connectionId}/${id}`, live: true, ...seen },
        { $set: { live: false, changedAt: at, expireAt, due: true }, $inc: { revision: 1 } },
        { returnDocument: 'after' },
      );
      return removed ?? undefined;
    },

    async removeAll(connectionId: string): Promise<void> {
      await records.deleteMany({ connectionId });
    },
  };
}

/** What the mirror has to be brought up to. */
function showing(records: Collection<StoredResource>) {
  return {
    /** Whose newest revision the mirror does not show yet. */
    due: (limit: number): Promise<StoredResource[]> =>
      records.find({ due: true }).limit(limit).toArray(),

    async setDue(connectionId: string, query: Query): Promise<void> {
      await records.updateMany(
        { ...query, connectionId },
        {
          $set: { due: true },
          $inc: { touched: 1 },
        },
      );
    },

    /** Notes the object that it is in the directory of Graph; the link stays. */
    async link(key: string, objectId: string): Promise<void> {
      await records.updateOne({ _id: key }, { $set: { link: objectId } });
    },

    /** Unless it was changed or became due anew since. */
    async settle({ _id, revision, touched }: StoredResource): Promise<void> {
      const asSeen = { _id, revision, touched: touched ?? { $exists: false } };
      await records.updateOne(asSeen, { $set: { due: false } });
    },
  };
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 11_000) return 'taken';
    throw error;
  }
}
