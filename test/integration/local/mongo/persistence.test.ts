import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { appendFile, cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Collection } from 'mongodb';
import { startLocalMongo, type LocalMongo } from '../../../../src/local/mongo/server.ts';

interface Numbered {
  _id: string;
  n: number;
}

const folders: string[] = [];
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mirror-mongo-'));
  folders.push(folder);
  return folder;
}

async function open(dataDir: string): Promise<{
  mongo: LocalMongo;
  items: Collection<Numbered>;
  close: () => Promise<void>;
}> {
  const mongo = await startLocalMongo({ dataDir });
  const client = await new MongoClient(mongo.uri).connect();
  const close = async () => {
    await client.close();
    await mongo.close();
  };
  closers.push(close);
  return { mongo, items: client.db('kept').collection<Numbered>('items'), close };
}

const numbered = (count: number): Numbered[] =>
  Array.from({ length: count }, (_, n) => ({ _id: `item-${n}`, n }));

describe('a data folder', () => {
  it('brings documents and indexes back after a stop', async () => {
    const folder = await newFolder();
    const before = await open(folder);
    await before.items.createIndexes([{ key: { n: 1 }, unique: true, name: 'byNumber' }]);
    await before.items.insertMany(numbered(20));
    await before.items.updateOne({ _id: 'item-3' }, { $set: { n: 99 } });
    await before.items.deleteOne({ _id: 'item-4' });
    await before.close();

    const after = await open(folder);
    expect(await after.items.countDocuments()).toBe(19);
    expect(await after.items.findOne({ n: 99 })).toEqual({ _id: 'item-3', n: 99 });
    expect((await after.items.indexes()).map(({ name }) => name)).toEqual(['_id_', 'byNumber']);
    await expect(after.items.insertOne({ _id: 'other', n: 99 })).rejects.toMatchObject({
      code: 11000,
    });
  });

  it('holds every acknowledged write when the process is killed', async () => {
    const folder = await newFolder();
    const { items } = await open(folder);
    await items.insertMany(numbered(50));
    const asKilled = await newFolder();
    await cp(folder, asKilled, { recursive: true });

    const after = await open(asKilled);
    expect(await after.items.countDocuments()).toBe(50);
  });

  it('cuts a torn record off and goes on behind the last whole one', async () => {
    const folder = await newFolder();
    const before = await open(folder);
    await before.items.insertMany(numbered(5));
    await before.close();
    const log = join(folder, 'mongo.log');
    const whole = await stat(log);
    const bytes = await readFile(log);
    await appendFile(log, bytes.subarray(0, 40));

    const repaired = await open(folder);
    expect(await repaired.items.countDocuments()).toBe(5);
    expect((await stat(log)).size).toBe(whole.size);
    await repaired.items.insertOne({ _id: 'later', n: 5 });
    await repaired.close();

    const after = await open(folder);
    expect(await after.items.countDocuments()).toBe(6);
  });

  it('is read back in under a second of work for a small company', async () => {
    const folder = await newFolder();
    const before = await open(folder);
    await before.items.createIndexes([{ key: { n: 1 } }]);
    await before.items.insertMany(numbered(3_000));
    await before.close();

    const since = process.cpuUsage();
    const after = await open(folder);
    const { user, system } = process.cpuUsage(since);
    expect((user + system) / 1_000).toBeLessThan(1_000);
    expect(await after.items.countDocuments({ n: { $gte: 0 } })).toBe(3_000);
  });

  it('is written anew at the start when most of it is history', async () => {
    const folder = await newFolder();
    const before = await open(folder);
    await before.items.insertMany(numbered(10));
    for (let round = 0; round < 120; round++) await before.items.updateMany({}, { $inc: { n: 1 } });
    await before.close();
    const log = join(folder, 'mongo.log');
    const long = (await stat(log)).size;

    const after = await open(folder);
    expect((await stat(log)).size).toBeLessThan(long / 10);
    expect(await after.items.findOne({ _id: 'item-1' })).toEqual({ _id: 'item-1', n: 121 });
  });

  it('serves one process at a time, and takes over the lock of a dead one', async () => {
    const folder = await newFolder();
    const first = await open(folder);
    await expect(startLocalMongo({ dataDir: folder })).rejects.toThrow(/in use by process/);
    await first.close();

    const noProcess = 2 ** 22 + 1;
    await writeFile(join(folder, 'lock'), String(noProcess));
    const second = await open(folder);
    expect(await second.items.countDocuments()).toBe(0);
  });
});
