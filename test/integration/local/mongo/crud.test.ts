import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Long, MongoBulkWriteError, MongoClient, MongoServerError, type Db } from 'mongodb';
import { startLocalMongo, type LocalMongo } from '../../../../src/local/mongo/server.ts';

interface Person {
  _id: string;
  name?: string;
  visits?: number;
  n?: number;
  big?: number | Long;
  created?: number;
}

let mongo: LocalMongo;
let client: MongoClient;
let db: Db;
const people = () => db.collection<Person>('people');

beforeAll(async () => {
  mongo = await startLocalMongo();
  client = await new MongoClient(mongo.uri).connect();
  db = client.db('crud');
});

afterAll(async () => {
  await client.close();
  await mongo.close();
});

describe('the local MongoDB, used by the real driver', () => {
  it('inserts, finds, updates and deletes', async () => {
    await people().insertMany([
      { _id: 'a', name: 'Ada', born: new Date(1) } as Person,
      { _id: 'b', name: 'Bob', address: { city: 'Ulm' } } as Person,
    ]);
    expect(await people().findOne({ 'address.city': 'Ulm' })).toMatchObject({ _id: 'b' });
    expect(await people().findOne({ _id: 'a' })).toEqual({
      _id: 'a',
      name: 'Ada',
      born: new Date(1),
    });
    const { matchedCount, modifiedCount } = await people().updateMany(
      {},
      { $set: { 'address.city': 'Bonn' }, $inc: { visits: 2 } },
    );
    expect({ matchedCount, modifiedCount }).toEqual({ matchedCount: 2, modifiedCount: 2 });
    const same = await people().updateOne({ _id: 'a' }, { $set: { 'address.city': 'Bonn' } });
    expect(same.modifiedCount).toBe(0);
    expect((await people().deleteOne({ visits: 2, _id: 'a' })).deletedCount).toBe(1);
    expect(
      await people()
        .find({}, { projection: { name: 1, _id: 0 } })
        .toArray(),
    ).toEqual([{ name: 'Bob' }]);
    await people().drop();
  });

  it('reads in batches, sorted, with skip and limit', async () => {
    const docs = Array.from({ length: 250 }, (_, n) => ({ _id: `p${1000 + n}`, n }));
    await people().insertMany(docs);
    const cursor = people().find().sort({ n: -1 }).batchSize(60);
    const seen: unknown[] = [];
    for await (const { n } of cursor) seen.push(n);
    expect(seen).toEqual(docs.map(({ n }) => n).reverse());
    const page = await people()
      .find({ _id: { $gt: 'p1009' } })
      .sort({ _id: 1 })
      .skip(1)
      .limit(2)
      .toArray();
    expect(page.map(({ _id }) => _id)).toEqual(['p1011', 'p1012']);
    expect(await people().countDocuments({ n: { $lt: 10 } })).toBe(10);
    expect(await people().estimatedDocumentCount()).toBe(250);
    await people().drop();
  });

  it('refuses a document over 16 MB, whether inserted, upserted or grown', async () => {
    const half = 'x'.repeat(8.2 * 1024 * 1024);
    await people().insertOne({ _id: 'grown', name: half });
    const second = { $set: { second: half } as object };
    await expect(people().updateOne({ _id: 'grown' }, second)).rejects.toMatchObject({
      code: 17_419,
    });
    expect(await people().countDocuments({ second: { $exists: true } })).toBe(0);
    const upsert = { $set: { name: half, second: half } as object };
    await expect(
      people().bulkWrite([
        { updateOne: { filter: { _id: 'grown' }, update: { $set: { name: 'x' } } } },
        { updateOne: { filter: { _id: 'new' }, update: upsert, upsert: true } },
      ]),
    ).rejects.toThrow('larger than the maximum size');
    expect(await people().findOne({ _id: 'grown' })).toMatchObject({ name: half });
    await people().drop();
  });

  it('reports the exact statements of a bulk that failed', async () => {
    await people().insertOne({ _id: 'taken' });
    const insert = (_id: string) => ({ insertOne: { document: { _id } } });
    const operations = [insert('x'), insert('taken'), insert('y'), insert('taken'), insert('z')];
    const unordered = await people()
      .bulkWrite(operations, { ordered: false })
      .catch((error: unknown) => error as MongoBulkWriteError);
    expect(unordered).toBeInstanceOf(MongoBulkWriteError);
    const failed = unordered as MongoBulkWriteError;
    expect(failed.insertedCount).toBe(3);
    expect([failed.writeErrors].flat().map(({ index, code }) => [index, code])).toEqual([
      [1, 11000],
      [3, 11000],
    ]);
    await people().deleteMany({ _id: { $ne: 'taken' } });
    const ordered = await people()
      .bulkWrite(operations)
      .catch((error: unknown) => error as MongoBulkWriteError);
    expect((ordered as MongoBulkWriteError).insertedCount).toBe(1);
    await people().drop();
  });

  it('answers a fenced upsert of an older read with 11000', async () => {
    const write = (fence: number) =>
      people().updateOne(
        { _id: 'u', 'mirror.fence': { $lt: fence } },
        { $set: { 'mirror.fence': fence }, $setOnInsert: { created: fence } },
        { upsert: true },
      );
    expect((await write(5)).upsertedId).toBe('u');
    expect((await write(7)).modifiedCount).toBe(1);
    const refused = await write(6).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MongoServerError);
    expect(refused).toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 'u' } });
    expect(await people().findOne()).toEqual({ _id: 'u', mirror: { fence: 7 }, created: 5 });
    await people().drop();
  });

  it('keeps numbers beyond 2^53', async () => {
    const big = Long.fromString('9007199254740993');
    await people().insertOne({ _id: 'n', big });
    await people().updateOne({ _id: 'n', big }, { $inc: { big: 2 } });
    const found = await people().findOne({ big: { $gt: big } }, { promoteLongs: false });
    expect(String(found?.big)).toBe('9007199254740995');
    await people().drop();
  });
});
