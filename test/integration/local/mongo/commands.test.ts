import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type Db, type Document } from 'mongodb';
import { startLocalMongo, type LocalMongo } from '../../../../src/local/mongo/server.ts';
import { until } from '../../../support/until.ts';

interface Item {
  _id: string | number;
  kind?: string;
  n?: number;
  [field: string]: unknown;
}

let mongo: LocalMongo;
let client: MongoClient;
let db: Db;
const items = () => db.collection<Item>('items');

beforeAll(async () => {
  mongo = await startLocalMongo();
  client = await new MongoClient(mongo.uri).connect();
  db = client.db('commands');
  await items().insertMany([
    {
      _id: 1,
      kind: 'a',
      n: 1,
      list: [
        { k: 1, v: 5 },
        { k: 2, v: 6 },
      ],
    },
    { _id: 2, kind: 'b', n: 2 },
    { _id: 3, kind: 'a', n: 3, list: [] },
  ]);
});

afterAll(async () => {
  await client.close();
  await mongo.close();
});

describe('what is not served', () => {
  const refused: [why: string, code: number, run: () => Promise<unknown>][] = [
    ['a command', 59, () => db.command({ frobnicate: 1 })],
    ['a query operator', 2, () => items().findOne({ n: { $near: {} } })],
    ['a top-level operator', 2, () => items().findOne({ $where: 'true' } as Document)],
    ['an update operator', 9, () => items().updateOne({}, { $frob: { n: 1 } })],
    [
      'a stage',
      40324,
      () =>
        items()
          .aggregate([{ $frob: {} }])
          .toArray(),
    ],
    [
      'an expression',
      9,
      () =>
        items()
          .aggregate([{ $project: { x: { $frob: 1 } } }])
          .toArray(),
    ],
    ['a positional projection', 2, () => items().findOne({}, { projection: { 'list.$': 1 } })],
    [
      'a change stream',
      40573,
      () =>
        items()
          .aggregate([{ $changeStream: {} }])
          .toArray(),
    ],
    [
      'a collation',
      2,
      () =>
        items()
          .find({}, { collation: { locale: 'de' } })
          .toArray(),
    ],
    ['an option of a collection', 72, () => db.createCollection('c', { capped: true, size: 1 })],
    [
      '$expr in an upsert',
      224,
      () => items().updateOne({ $expr: { $eq: ['$n', 9] } }, { $set: { n: 9 } }, { upsert: true }),
    ],
    ['a changed _id', 66, () => items().updateOne({ _id: 1 }, { $set: { _id: 7 } })],
    [
      'two changes of one path',
      40,
      () => items().updateOne({ _id: 1 }, { $set: { 'a.b': 1 }, $unset: { a: 1 } }),
    ],
    [
      'a number added to a string',
      14,
      () => items().updateOne({ _id: 1 }, { $inc: { kind: 1 } } as Document),
    ],
    ['a field within a number', 28, () => items().updateOne({ _id: 1 }, { $set: { 'n.x': 1 } })],
    ['a push to a number', 2, () => items().updateOne({ _id: 1 }, { $push: { n: 1 } } as Document)],
    ['a cursor that is gone', 43, () => db.command({ getMore: 4711n, collection: 'items' })],
  ];

  it.each(refused)('%s is refused with code %d', async (_, code, run) => {
    await expect(run()).rejects.toMatchObject({ code });
  });

  it('a transaction is refused', async () => {
    const session = client.startSession();
    session.startTransaction();
    await expect(items().insertOne({ _id: 't' }, { session })).rejects.toMatchObject({ code: 263 });
    await session.abortTransaction();
    await session.endSession();
    expect(await items().findOne({ _id: 't' })).toBeNull();
  });
});

describe('reads', () => {
  it('aggregate, starting from an index', async () => {
    const groups = await items()
      .aggregate([
        { $match: { n: { $gt: 0 } } },
        { $group: { _id: '$kind', n: { $sum: '$n' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(groups).toEqual([
      { _id: 'a', n: 4 },
      { _id: 'b', n: 2 },
    ]);
    const [faceted] = await items()
      .aggregate([
        { $facet: { count: [{ $count: 'n' }], top: [{ $sort: { n: -1 } }, { $limit: 1 }] } },
      ])
      .toArray();
    expect(faceted).toMatchObject({ count: [{ n: 3 }], top: [{ _id: 3 }] });
    const plan = await items()
      .aggregate([{ $match: { _id: 1 } }])
      .explain('queryPlanner');
    expect(plan).toMatchObject({ queryPlanner: { winningPlan: { stage: 'IDHACK' } } });
  });

  it('give the time of the server', async () => {
    const [row] = await items()
      .aggregate([{ $limit: 1 }, { $project: { now: '$$NOW' } }])
      .toArray();
    expect(Math.abs(Number(row?.['now']) - Date.now())).toBeLessThan(10_000);
  });

  it('project fields in and out, nested ones too', async () => {
    const one = (projection: Document) => items().findOne({ _id: 1 }, { projection });
    expect(await one({ 'list.v': 1 })).toEqual({ _id: 1, list: [{ v: 5 }, { v: 6 }] });
    expect(await one({ 'list.k': 0, kind: 0 })).toEqual({
      _id: 1,
      n: 1,
      list: [{ v: 5 }, { v: 6 }],
    });
    expect(await one({ list: { $slice: 1 }, kind: 1 })).toMatchObject({ list: [{ k: 1 }] });
  });

  it('list distinct values, collections and databases', async () => {
    expect(await items().distinct('kind')).toEqual(['a', 'b']);
    expect(await items().distinct('list.k', { n: { $lt: 3 } })).toEqual([1, 2]);
    const names = (await db.listCollections({ name: 'items' }).toArray()).map(({ name }) => name);
    expect(names).toEqual(['items']);
    const { databases } = await db.admin().listDatabases();
    expect(databases.map(({ name }) => name)).toContain('commands');
  });
});

describe('updates', () => {
  const updated = async (before: Document, update: Document | Document[], options = {}) => {
    await items().replaceOne({ _id: 'u' }, before, { upsert: true });
    await items().updateOne({ _id: 'u' }, update, options);
    const { _id, ...after } = (await items().findOneAndDelete({ _id: 'u' })) ?? { _id: '' };
    return _id ? after : undefined;
  };

  it('change lists', async () => {
    const link = (n: number) => ({ link: `l${n}`, at: n });
    expect(
      await updated(
        { links: [link(2)] },
        { $push: { links: { $each: [link(3), link(1)], $sort: { at: 1 }, $slice: -2 } } },
      ),
    ).toEqual({ links: [link(2), link(3)] });
    expect(
      await updated({ links: [link(1), link(2)] }, { $pull: { links: { at: { $lt: 2 } } } }),
    ).toEqual({ links: [link(2)] });
    expect(await updated({ s: ['a'] }, { $addToSet: { s: { $each: ['a', 'b', 'b'] } } })).toEqual({
      s: ['a', 'b'],
    });
    expect(await updated({ s: [1, 5, 9] }, { $pull: { s: { $gte: 5 } } })).toEqual({ s: [1] });
  });

  it('change numbers, dates and nested fields', async () => {
    expect(await updated({ n: 5, m: 5 }, { $max: { n: 7, m: 3 }, $min: { k: 1 } })).toEqual({
      n: 7,
      m: 5,
      k: 1,
    });
    expect(await updated({ a: { b: 1, c: 2 } }, { $unset: { 'a.b': '' }, $inc: { x: 1 } })).toEqual(
      {
        a: { c: 2 },
        x: 1,
      },
    );
    const dated = await updated({}, { $currentDate: { at: true } });
    expect(dated?.['at']).toBeInstanceOf(Date);
    expect(
      await updated({ n: 2 }, { $mul: { n: 4 }, $rename: { n: 'm' } }).catch(() => 'refused'),
    ).toBe('refused');
    expect(await updated({ n: 2 }, { $mul: { n: 4 } })).toEqual({ n: 8 });
  });

  it('reach into arrays', async () => {
    const list = [{ k: 1 }, { k: 2 }];
    expect(
      await updated({ list }, { $set: { 'list.$[x].v': 9 } }, { arrayFilters: [{ 'x.k': 2 }] }),
    ).toEqual({ list: [{ k: 1 }, { k: 2, v: 9 }] });
    await items().insertOne({ _id: 'p', list });
    await items().updateOne({ _id: 'p', 'list.k': 2 }, { $set: { 'list.$.v': 9 } });
    expect(await items().findOneAndDelete({ _id: 'p' })).toEqual({
      _id: 'p',
      list: [{ k: 1 }, { k: 2, v: 9 }],
    });
    expect(await updated({ list }, { $set: { 'list.0.v': 9 } })).toEqual({
      list: [{ k: 1, v: 9 }, { k: 2 }],
    });
  });

  it('follow a pipeline', async () => {
    const pipeline = [
      { $set: { 'mirror.revision': { $add: ['$mirror.revision', 1] }, name: 'new' } },
      { $unset: 'old' },
    ];
    expect(await updated({ mirror: { revision: 1, fence: 3 }, old: 1 }, pipeline)).toEqual({
      mirror: { revision: 2, fence: 3 },
      name: 'new',
    });
  });

  it('keep field order in the equality of documents', async () => {
    await items().insertOne({ _id: 'o', at: { a: 1, b: 2 } });
    expect(await items().findOne({ at: { b: 2, a: 1 } })).toBeNull();
    expect(await items().findOne({ at: { a: 1, b: 2 } })).toMatchObject({ _id: 'o' });
    await items().deleteOne({ _id: 'o' });
  });
});

describe('a restart', () => {
  it('is noticed at once by a driver that was connected', async () => {
    const first = await startLocalMongo();
    const patient = await new MongoClient(first.uri).connect();
    await patient.db('r').command({ ping: 1 });
    await first.close();
    const second = await startLocalMongo({ port: first.port });
    const since = Date.now();
    await until(() =>
      patient
        .db('r')
        .command({ ping: 1 })
        .catch(() => undefined),
    );
    expect(Date.now() - since).toBeLessThan(5_000);
    await patient.close();
    await second.close();
  });
});
