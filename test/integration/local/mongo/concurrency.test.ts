import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type Db } from 'mongodb';
import { startLocalMongo, type LocalMongo } from '../../../../src/local/mongo/server.ts';
import { until } from '../../../support/until.ts';

interface Lease {
  _id: string;
  holder?: string | null;
  epoch?: number;
  expiresAt?: Date;
  n?: number;
}

let mongo: LocalMongo;
let client: MongoClient;
let db: Db;
const leases = () => db.collection<Lease>('leases');

beforeAll(async () => {
  mongo = await startLocalMongo();
  client = await new MongoClient(mongo.uri, { serverSelectionTimeoutMS: 10_000 }).connect();
  db = client.db('races');
});

afterAll(async () => {
  await client.close();
  await mongo.close();
});

describe('concurrent writers', () => {
  it('give a free lease to one of fifty, by the time of the server', async () => {
    await leases().insertOne({ _id: 'reader', holder: null, epoch: 4, expiresAt: new Date(0) });
    const tries = Array.from({ length: 50 }, (_, n) =>
      leases().findOneAndUpdate(
        { _id: 'reader', $expr: { $lte: ['$expiresAt', '$$NOW'] } },
        [
          {
            $set: {
              holder: `worker-${n}`,
              epoch: { $add: ['$epoch', 1] },
              expiresAt: { $add: ['$$NOW', 60_000] },
            },
          },
        ],
        { returnDocument: 'after' },
      ),
    );
    const [winner, ...others] = (await Promise.all(tries)).filter((lease) => lease !== null);
    expect(others).toEqual([]);
    expect(winner?.epoch).toBe(5);
    expect(Number(winner?.expiresAt)).toBeGreaterThan(Date.now() + 50_000);
  });

  it('draw different numbers from one counter', async () => {
    const draws = Array.from({ length: 30 }, () =>
      leases().findOneAndUpdate(
        { _id: 'counter' },
        { $inc: { n: 1 } },
        { upsert: true, returnDocument: 'after' },
      ),
    );
    const numbers = (await Promise.all(draws)).map((drawn) => drawn?.n ?? 0);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  });
});

describe('a retried write', () => {
  it('is applied once when the connection is cut after it was made', async () => {
    mongo.inject.failNext('update', { closeConnection: 'after' });
    const increment = { $inc: { n: 1 } };
    const { upsertedCount } = await leases().updateOne({ _id: 'once' }, increment, {
      upsert: true,
    });
    expect(upsertedCount).toBe(1);
    mongo.inject.failNext('findAndModify', { closeConnection: 'after' });
    const after = await leases().findOneAndUpdate({ _id: 'once' }, increment, {
      returnDocument: 'after',
    });
    expect(after?.n).toBe(2);
    expect((await leases().findOne({ _id: 'once' }))?.n).toBe(2);
  });

  it('is made when the connection is cut before, or the primary steps down', async () => {
    mongo.inject.failNext('insert', { closeConnection: 'before' });
    await leases().insertOne({ _id: 'cut' });
    mongo.inject.failNext('insert', { code: 189 });
    await leases().insertOne({ _id: 'steppedDown' });
    expect(await leases().countDocuments({ _id: { $in: ['cut', 'steppedDown'] } })).toBe(2);
  });
});

describe('injected faults', () => {
  it('answer with a code as often as was asked for', async () => {
    mongo.inject.failNext('find', { code: 50, times: 2 });
    const find = () => leases().findOne({ _id: 'cut' });
    await expect(find()).rejects.toMatchObject({ code: 50 });
    await expect(find()).rejects.toMatchObject({ code: 50 });
    expect(await find()).toEqual({ _id: 'cut' });
  });

  it('let another insert come between an upsert and its insert', async () => {
    mongo.inject.insertBetween('races.leases', { _id: 'between', n: 1 });
    const upsert = () =>
      leases().updateOne({ _id: 'between', n: { $lt: 5 } }, { $set: { n: 5 } }, { upsert: true });
    await expect(upsert()).rejects.toMatchObject({ code: 11000, keyValue: { _id: 'between' } });
    expect((await upsert()).modifiedCount).toBe(1);
  });

  it('let another insert come before one', async () => {
    mongo.inject.insertBetween('races.leases', { _id: 'before', n: 1 });
    const insert = leases().insertOne({ _id: 'before', n: 5 });
    await expect(insert).rejects.toMatchObject({ code: 11000, keyValue: { _id: 'before' } });
    expect(await leases().findOne({ _id: 'before' })).toMatchObject({ n: 1 });
  });

  it('take the server away and give it back', async () => {
    const impatient = new MongoClient(mongo.uri, {
      serverSelectionTimeoutMS: 200,
      socketTimeoutMS: 300,
    });
    const ping = () => impatient.db('races').command({ ping: 1 });
    await ping();
    mongo.inject.pause('refuse');
    await expect(ping()).rejects.toThrow();
    mongo.inject.resume();
    await until(() => ping().catch(() => undefined));
    mongo.inject.pause('hang');
    await expect(ping()).rejects.toThrow();
    mongo.inject.resume();
    await until(() => ping().catch(() => undefined));
    await impatient.close();
  });
});
