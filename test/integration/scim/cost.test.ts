import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type CommandSucceededEvent } from 'mongodb';
import { projectMembers } from '../../../src/directory/project-members.ts';
import { openMirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { openScimStore } from '../../../src/scim/store.ts';
import type { StoredMember } from '../../../src/scim/types.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

/** What was asked of MongoDB and what came back, in the order of the commands. */
interface Cost {
  command: string;
  collection: unknown;
  documents: number;
}

let mongo: TestMongo;
let client: MongoClient;
let costs: Cost[] = [];
beforeAll(async () => {
  mongo = await openTestMongo('cost');
  client = new MongoClient(mongo.uri, { monitorCommands: true });
  const collections = new Map<number, unknown>();
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    collections.set(requestId, (command as Record<string, unknown>)[commandName]);
  });
  client.on('commandSucceeded', ({ requestId, commandName, reply }: CommandSucceededEvent) => {
    const { cursor, n, value } = reply as {
      cursor?: { firstBatch?: unknown[]; nextBatch?: unknown[] };
      n?: number;
      value?: unknown;
    };
    const read = (cursor?.firstBatch ?? cursor?.nextBatch ?? []).length;
    const documents = read + (n ?? 0) + (value ? 1 : 0);
    costs.push({ command: commandName, collection: collections.get(requestId), documents });
  });
});
afterAll(async () => {
  await client.close();
  await mongo.close();
});

describe('one more member', () => {
  it('costs a group of 20,000 what it costs a group of 10, until the directory shows it', async () => {
    const db = client.db(mongo.db.databaseName);
    const common = { db, clock: systemClock };
    const store = await openScimStore(common);
    const mirror = await openMirror({ ...common, log: silentLog });
    const members = db.collection<StoredMember>('scimMembers');
    const person = await made(store.User.create('acme', { userName: 'ada' }));

    const cost = async (size: number) => {
      const group = await made(store.Group.create('acme', { displayName: `of ${size}` }));
      for (let from = 0; from < size; from += 5_000) {
        const count = Math.min(5_000, size - from);
        await members.insertMany(
          Array.from({ length: count }, (_, at) => memberOf(group.id, from + at)),
        );
      }
      costs = [];
      await store.members.among(group, [person.id]);
      await store.members.change(group, { replaces: false, add: [person.id], remove: [] }, 'PATCH');
      await projectMembers({ store, mirror }, await store.members.due(500));
      const spent = [...costs];
      expect(await store.members.count('acme', group.id)).toBe(size + 1);
      return spent;
    };
    const small = await cost(10);
    expect(small.length).toBeGreaterThan(5);
    expect(await cost(20_000)).toEqual(small);
  });
});

async function made<T>(creation: Promise<T | 'taken'>): Promise<T> {
  const record = await creation;
  if (record === 'taken') throw new Error('its name is taken');
  return record;
}

const memberOf = (groupId: string, at: number): StoredMember => ({
  _id: `acme/${groupId}/${at}`,
  ...{ connectionId: 'acme', groupId, memberId: String(at), present: true },
  ...{ seq: 1, revision: 1, changedAt: new Date(), due: false },
});
