import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type Collection, type Db, type Document, type Filter } from 'mongodb';
import { startLocalMongo, type LocalMongo } from '../../../../src/local/mongo/server.ts';
import { until } from '../../../support/until.ts';

interface Item {
  _id: string | number;
  [field: string]: unknown;
}

let mongo: LocalMongo;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  mongo = await startLocalMongo();
  client = await new MongoClient(mongo.uri).connect();
  db = client.db('indexes');
});

afterAll(async () => {
  await client.close();
  await mongo.close();
});

/** The stages of the winning plan, outermost first. */
async function stages(items: Collection<Item>, filter: Filter<Item>, sort: Document = {}) {
  const explained = await items.find(filter).sort(sort).explain('queryPlanner');
  const names: string[] = [];
  let plan = (explained['queryPlanner'] as Document)['winningPlan'] as Document | undefined;
  for (; plan; plan = plan['inputStage'] as Document | undefined) {
    names.push(String(plan['indexName'] ?? plan['stage']));
  }
  return names;
}

it('an index follows what was inserted, changed and removed since it was last used', async () => {
  const items = db.collection<Item>('followed');
  await items.createIndexes([{ key: { tenantId: 1, upn: 1 } }]);
  const named = async (...names: string[]) =>
    (await items.find({ tenantId: 't', upn: { $in: names } }).toArray()).map(({ _id }) => _id);
  const insert = (_id: number, upn: string) => items.insertOne({ _id, tenantId: 't', upn });
  await insert(1, 'a');
  await items.updateOne({ _id: 1 }, { $set: { upn: 'b' } });
  await insert(2, 'a');
  await insert(3, 'c');
  await items.deleteOne({ _id: 3 });
  expect(await named('a', 'b', 'c')).toEqual([2, 1]);
  await items.updateOne({ _id: 2 }, { $set: { upn: 'c' } });
  await items.updateOne({ _id: 2 }, { $set: { upn: 'd' } });
  await items.deleteOne({ _id: 1 });
  await insert(1, 'e');
  expect(await named('a', 'b', 'c', 'd', 'e')).toEqual([2, 1]);
  expect(await stages(items, { tenantId: 't', upn: 'd' })).toEqual(['FETCH', 'tenantId_1_upn_1']);
});

it('an index shows what came back under the same _id and key, not what was removed', async () => {
  const items = db.collection<Item>('returned');
  await items.createIndexes([{ key: { tenantId: 1, kind: 1 } }]);
  const found = () => items.find({ tenantId: 't', kind: 'k' }).toArray();
  const first = { _id: 1, tenantId: 't', kind: 'k', at: 1 };
  await items.insertOne(first);
  expect(await found()).toEqual([first]);
  await items.deleteOne({ _id: 1 });
  const second = { ...first, at: 2 };
  await items.insertOne(second);
  expect(await found()).toEqual([second]);
  await items.updateOne({ _id: 1 }, { $set: { kind: 'other' } });
  expect(await found()).toEqual([]);
});

it('an index follows what changes inside an array', async () => {
  const items = db.collection<Item>('elements');
  await items.createIndexes([{ key: { 'secrets.keyId': 1 } }]);
  const found = async (keyId: string) =>
    (await items.find({ 'secrets.keyId': keyId }).toArray()).map(({ _id }) => _id);
  await items.insertOne({ _id: 1, secrets: [{ keyId: 'a' }] });
  expect(await found('a')).toEqual([1]);
  await items.updateOne({ _id: 1 }, { $set: { secrets: [{ keyId: 'b' }, { keyId: 'c' }] } });
  expect([await found('a'), await found('b'), await found('c')]).toEqual([[], [1], [1]]);
});

describe('unique indexes', () => {
  it('refuse a second document with the key, on insert and on update', async () => {
    const items = db.collection<Item>('unique');
    await items.createIndexes([{ key: { tenantId: 1, upn: 1 }, unique: true }]);
    await items.insertMany([
      { _id: 1, tenantId: 't', upn: 'a' },
      { _id: 2, tenantId: 't', upn: 'b' },
      { _id: 3, tenantId: 'u', upn: 'a' },
    ]);
    const swap = items.updateOne({ _id: 2 }, { $set: { upn: 'a' } });
    await expect(swap).rejects.toMatchObject({
      code: 11000,
      keyPattern: { tenantId: 1, upn: 1 },
      keyValue: { tenantId: 't', upn: 'a' },
    });
    expect(await items.findOne({ tenantId: 't', upn: 'b' })).toMatchObject({ _id: 2 });
  });

  it('with a partial filter bind only what the filter covers', async () => {
    const items = db.collection<Item>('partial');
    await items.createIndexes([
      { key: { name: 1 }, unique: true, partialFilterExpression: { state: 'active' } },
    ]);
    await items.insertMany([
      { _id: 1, name: 'x', state: 'active' },
      { _id: 2, name: 'x', state: 'purged' },
      { _id: 3, name: 'x', state: 'purged' },
    ]);
    const revive = items.updateOne({ _id: 2 }, { $set: { state: 'active' } });
    await expect(revive).rejects.toMatchObject({ code: 11000 });
    expect(await stages(items, { name: 'x', state: 'active' })).toEqual(['FETCH', 'name_1']);
    expect(await stages(items, { name: 'x' })).toEqual(['COLLSCAN']);
    expect(await items.countDocuments({ name: 'x' })).toBe(3);
  });
});

describe('an expiring document', () => {
  it('goes within a second or two', async () => {
    const items = db.collection<Item>('ttl');
    await items.createIndexes([{ key: { expireAt: 1 }, expireAfterSeconds: 0 }]);
    await items.insertMany([
      { _id: 'over', expireAt: new Date(Date.now() - 1_000) },
      { _id: 'later', expireAt: new Date(Date.now() + 3_600_000) },
      { _id: 'never' },
      { _id: 'noDate', expireAt: 5 },
    ]);
    await until(async () => (await items.findOne({ _id: 'over' })) === null);
    expect(await items.countDocuments()).toBe(3);
  });
});

describe('a query', () => {
  const items = () => db.collection<Item>('planned');
  const changedAt = (n: number) => new Date(1_700_000_000_000 + n * 1_000);

  beforeAll(async () => {
    await items().createIndexes([
      { key: { tenantId: 1, 'mirror.changedAt': 1 }, name: 'byChange' },
      { key: { tags: 1 }, name: 'byTag' },
      { key: { rank: -1, name: 1 }, name: 'byRank' },
    ]);
    const docs = Array.from({ length: 200 }, (_, n) => ({
      _id: `d${String(n).padStart(3, '0')}`,
      tenantId: n % 2 ? 'odd' : 'even',
      mirror: { changedAt: changedAt(n) },
      tags: [n % 3, 'all'],
      rank: n % 10,
      name: `n${n}`,
    }));
    await items().insertMany(docs);
  });

  it('pages along an index in its order', async () => {
    const filter = { tenantId: 'odd', 'mirror.changedAt': { $gt: changedAt(100) } };
    const sort = { 'mirror.changedAt': 1 } as const;
    expect(await stages(items(), filter, sort)).toEqual(['FETCH', 'byChange']);
    const page = await items().find(filter).sort(sort).limit(3).toArray();
    expect(page.map(({ _id }) => _id)).toEqual(['d101', 'd103', 'd105']);
    const newest = await items().find(filter).sort({ 'mirror.changedAt': -1 }).limit(2).toArray();
    expect(newest.map(({ _id }) => _id)).toEqual(['d199', 'd197']);
  });

  it('pages along _id', async () => {
    expect(await stages(items(), { _id: { $gt: 'd150' } }, { _id: 1 })).toEqual(['FETCH', '_id_']);
    const page = await items()
      .find({ _id: { $gt: 'd150' } })
      .sort({ _id: 1 })
      .limit(2)
      .toArray();
    expect(page.map(({ _id }) => _id)).toEqual(['d151', 'd152']);
  });

  it('says which stage finds its documents', async () => {
    expect(await stages(items(), { _id: 'd001' })).toEqual(['_id_']);
    expect(await stages(items(), { _id: { $in: ['d001', 'd002'] } })).toEqual(['FETCH', '_id_']);
    expect(await stages(items(), { name: 'n1' })).toEqual(['COLLSCAN']);
    expect(await stages(items(), { tags: 'all' }, { name: 1 })).toEqual(['SORT', 'FETCH', 'byTag']);
  });

  it('finds the same with an index as without', async () => {
    const filters: Filter<Item>[] = [
      { tags: 1 },
      { tags: { $in: [1, 2] } },
      { tags: { $gt: 0, $lt: 2 } },
      { rank: { $gt: 2, $lte: 4 } },
      { rank: { $lt: 3 } },
      { rank: { $gte: 8 }, name: { $ne: 'n8' } },
      { rank: 3, name: { $gt: 'n5' } },
      { rank: { $exists: false } },
      { rank: null },
      { $or: [{ rank: 1 }, { _id: 'd000' }, { tags: 2, tenantId: 'odd' }] },
      { tenantId: 'even', 'mirror.changedAt': { $lt: changedAt(9) } },
    ];
    const plain = db.collection<Item>('unplanned');
    await plain.insertMany(await items().find().toArray());
    for (const filter of filters) {
      const expected = await plain.find(filter).sort({ _id: 1 }).toArray();
      expect(await items().find(filter).sort({ _id: 1 }).toArray()).toEqual(expected);
    }
    const sort = { rank: -1, name: 1 } as const;
    const expected = await plain
      .find({ rank: { $gt: 5 } })
      .sort(sort)
      .toArray();
    expect(
      await items()
        .find({ rank: { $gt: 5 } })
        .sort(sort)
        .toArray(),
    ).toEqual(expected);
  });

  it('drops and lists indexes', async () => {
    await items().dropIndex('byTag');
    const names = (await items().indexes()).map(({ name }) => name);
    expect(names).toEqual(['_id_', 'byChange', 'byRank']);
    await expect(items().dropIndex('byTag')).rejects.toMatchObject({ code: 27 });
    await items().createIndexes([{ key: { tags: 1 }, name: 'byTag' }]);
    const other = items().createIndexes([{ key: { tags: -1 }, name: 'byTag' }]);
    await expect(other).rejects.toMatchObject({ code: 86 });
  });
});
