import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';

interface MongoConnection {
  client: MongoClient;
  db: Db;
  close: () => Promise<void>;
}

/** Opens a connection and proves it with a ping; options in the URI win over ours. */
export async function openMongo(options: {
  uri: string;
  database: string;
}): Promise<MongoConnection> {
  const client = new MongoClient(options.uri, optionsFor(options.uri));
  const db = client.db(options.database);
  try {
    await db.command({ ping: 1 });
  } catch (cause) {
    await client.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`MongoDB does not answer (${reason}): check MONGODB_URI`, { cause });
  }
  return { client, db, close: () => client.close() };
}

const ourOptions: MongoClientOptions = {
  appName: 'entra-mirror',
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: 10_000,
  connectTimeoutMS: 10_000,
  socketTimeoutMS: 60_000,
  waitQueueTimeoutMS: 10_000,
  maxPoolSize: 50,
  ignoreUndefined: true,
};

/**
 * Our options without those that the URI states: the driver would let ours win, and Azure's
 * connection strings carry options that must hold there, such as `retryWrites=false`.
 */
export function optionsFor(uri: string): MongoClientOptions {
  const query = new URLSearchParams(uri.split('?')[1] ?? '');
  const stated = new Set([...query.keys()].map((name) => name.toLowerCase()));
  if (stated.has('w')) stated.add('writeconcern');
  return Object.fromEntries(
    Object.entries(ourOptions).filter(([name]) => !stated.has(name.toLowerCase())),
  );
}
