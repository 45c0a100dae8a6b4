import { randomUUID } from 'node:crypto';
import { MongoBulkWriteError, MongoServerError, type Collection, type Filter } from 'mongodb';
import { createGather } from '../ops/gather.ts';
import { badRequest } from './errors.ts';
import type { Query } from './filter/query.ts';
import { keysOf } from './keys.ts';
import type { Resource } from './schema/value.ts';
import type { Kind, MemberIntent, StoredResource, WriteMethod } from './types.ts';

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
) => ({
  ...reading(records),
  ...writing(kind, records, now),
  ...erasing(records, now),
  ...showing(records),
});

function reading(records: Collection<StoredResource>) {
  const living = createGather(async (keys: string[]) => {
    const found = await records.find({ _id: { $in: [...new Set(keys)] }, live: true }).toArray();
    const byKey = new Map(found.map((record) => [record._id, record]));
    return keys.map((key) => byKey.get(key));
  });
  const states = createGather(
    async (asked: (readonly string[])[]) => {
      const keys = [...new Set(asked.flat())];
      const found = records.find({ _id: { $in: keys } }, { projection: { id: 1, live: 1 } });
      const known = new Map((await found.toArray()).map(({ _id, live }) => [_id, live]));
      return asked.map(() => known);
    },
    { most: 2_000, weightOf: ({ length }) => length },
  );
  return {
    get: (connectionId: string, id: string): Promise<StoredResource | undefined> =>
      living(`${connectionId}/${id}`),

    /** Deleted ones too. */
    byKeys: (keys: readonly string[]): Promise<StoredResource[]> =>
      records.find({ _id: { $in: [...keys] } }).toArray(),

    /** Which of these are there, and whether they live. */
    async liveAmong(connectionId: string, ids: readonly string[]): Promise<Map<string, boolean>> {
      if (ids.length === 0) return new Map();
      const known = await states(ids.map((id) => `${connectionId}/${id}`));
      return new Map(
        ids.flatMap((id) => {
          const live = known.get(`${connectionId}/${id}`);
          return live === undefined ? [] : [[id, live]];
        }),
      );
    },

    find: (connectionId: string, query: Query, page: Page): Promise<StoredResource[]> =>
      withinTime(() =>
        records
          .find(matching(connectionId, query, page.after), { maxTimeMS: maxQueryMs })
          .sort({ id: 1 })
          .skip(page.skip ?? 0)
          .limit(page.limit)
          .toArray(),
      ),

    count: (connectionId: string, query: Query): Promise<number> =>
      withinTime(() =>
        records.countDocuments(matching(connectionId, query), { maxTimeMS: maxQueryMs }),
      ),

    /** Counts no further than `limit`. */
    countUpTo: (connectionId: string, limit: number): Promise<number> =>
      records.countDocuments({ connectionId, live: true }, { limit }),
  };
}

/** A query that MongoDB gave up for its time is one that finds too much. */
async function withinTime<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== maxTimeExpired) throw error;
    throw badRequest('tooMany', 'This filter takes too long: add one that names an attribute.');
  }
}

const maxTimeExpired = 50;

const matching = (connectionId: string, query: Query, after?: string): Filter<StoredResource> => ({
  ...{ connectionId, live: true, ...query },
  ...(after !== undefined && { $and: [query, { id: { $gt: after } }] }),
});

function writing(kind: Kind, records: Collection<StoredResource>, now: () => Date) {
  const insert = createGather((made: StoredResource[]) => insertAll(records, made));
  return {
    /** `taken` where a live one has the same name. */
    async create(connectionId: string, resource: Resource): Promise<StoredResource | 'taken'> {
      const id = randomUUID();
      const at = now();
      const record: StoredResource = {
        ...{ _id: `${connectionId}/${id}`, connectionId, id, resource },
        ...{ keys: keysOf(kind, resource), live: true, revision: 1 },
        ...{ createdAt: at, changedAt: at, writtenBy: 'POST', due: true },
      };
      const refused = await insert(record);
      return refused ? unlessTaken(() => Promise.reject(refused)) : record;
    },

    /** Undefined where it is no longer as it was seen. */
    async change(
      { _id, revision }: StoredResource,
      resource: Resource,
      { by: writtenBy, intent }: { by: WriteMethod; intent?: MemberIntent | undefined },
    ): Promise<StoredResource | 'taken' | undefined> {
      const keys = keysOf(kind, resource);
      const changed = { resource, keys, changedAt: now(), writtenBy, due: true };
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
        {
          $set: { live: false, changedAt: at, writtenBy: 'DELETE', expireAt, due: true },
          $inc: { revision: 1 },
        },
        { returnDocument: 'after' },
      );
      return removed ?? undefined;
    },

    async removeAll(connectionId: string): Promise<void> {
      await records.deleteMany({ connectionId });
    },
  };
}

/** What a request about personal data takes. */
function erasing(records: Collection<StoredResource>, now: () => Date) {
  return {
    /** Those that stand for an object of Graph, or name it; deleted ones too. */
    standingFor: (connectionIds: readonly string[], objectId: string): Promise<StoredResource[]> =>
      records
        .find({
          connectionId: { $in: [...connectionIds] },
          $or: [{ link: objectId }, { 'resource.externalId': objectId }],
        })
        .toArray(),

    /** Leaves a tombstone without anything that was sent; a later request finds it deleted. */
    async erase({ _id }: StoredResource): Promise<void> {
      const at = now();
      const expireAt = new Date(at.getTime() + tombstoneKeepMs);
      const nothing = { resource: {}, keys: { unique: '' }, pending: [] };
      await records.updateOne(
        { _id },
        {
          $set: { ...nothing, live: false, changedAt: at, expireAt, due: true },
          $inc: { revision: 1 },
        },
      );
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

    /** Those that were not changed and did not become due anew since. */
    async settle(shown: readonly StoredResource[]): Promise<void> {
      if (shown.length === 0) return;
      await records.bulkWrite(
        shown.map(({ _id, revision, touched }) => ({
          updateOne: {
            filter: { _id, revision, touched: touched ?? { $exists: false } },
            update: { $set: { due: false } },
          },
        })),
        { ordered: false },
      );
    },
  };
}

/** Why each could not be inserted; undefined for those that were. */
async function insertAll(
  records: Collection<StoredResource>,
  made: StoredResource[],
): Promise<(Error | undefined)[]> {
  try {
    await records.insertMany(made, { ordered: false });
    return made.map(() => undefined);
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const refused = [error.writeErrors].flat();
    return made.map((_record, at) => {
      const own = refused.find(({ index }) => index === at);
      return own && new MongoServerError({ message: own.errmsg ?? '', code: own.code });
    });
  }
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 11_000) return 'taken';
    throw error;
  }
}
