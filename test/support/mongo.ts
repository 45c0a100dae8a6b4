import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { startLocalMongo, type LocalMongo } from '../../src/local/mongo/server.ts';
import { openMongo } from '../../src/mirror/connect.ts';

export interface TestMongo {
  db: Db;
  uri: string;
  /** The server's faults; absent where `MONGODB_URI` names a real one. */
  inject?: LocalMongo['inject'];
  close(): Promise<void>;
}

/** A database of its own on `MONGODB_URI` or on a fresh local server; `close` drops it. */
export async function openTestMongo(name: string): Promise<TestMongo> {
  const real = process.env['MONGODB_URI'];
  const local = real ? undefined : await startLocalMongo();
  const uri = real ?? local?.uri ?? '';
  const database = `test-${name}-${randomBytes(4).toString('hex')}`;
  const { db, close } = await openMongo({ uri, database });
  return {
    db,
    uri,
    ...(local && { inject: local.inject }),
    async close() {
      if (!local) await db.dropDatabase();
      await close();
      await local?.close();
    },
  };
}
