import { Long } from 'bson';
import type { Command } from '../context.ts';
import type { Collection } from '../engine/collection.ts';
import { sizeOf } from '../engine/document.ts';
import { compileFilter } from '../engine/match.ts';
import { CommandError } from '../errors.ts';
import { databaseOf, docOf, namespaceOf } from './arguments.ts';

/** What says nothing about the collection itself. */
const generalFields = new Set([
  'create',
  'lsid',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'txnNumber',
]);

export const create: Command = (command, { databases }) => {
  const namespace = namespaceOf(command);
  const option = Object.keys(command).find(
    (name) => !generalFields.has(name) && !name.startsWith('$'),
  );
  if (option) {
    const message = `the option '${option}' of a collection is not served here`;
    throw new CommandError('InvalidOptions', message);
  }
  if (databases.find(namespace)) {
    const message = `Collection ${namespace} already exists.`;
    throw new CommandError('NamespaceExists', message);
  }
  databases.open(namespace);
  return { ok: 1 };
};

export const drop: Command = (command, { databases }) => {
  const ns = namespaceOf(command);
  const nIndexesWas = databases.find(ns)?.indexes.length;
  if (!databases.drop(ns)) throw new CommandError('NamespaceNotFound', 'ns not found');
  return { nIndexesWas, ns, ok: 1 };
};

export const dropDatabase: Command = (command, { databases }) => {
  const dropped = databaseOf(command);
  for (const { namespace } of databases.of(dropped)) databases.drop(namespace);
  return { dropped, ok: 1 };
};

export const listCollections: Command = (command, { databases, cursors }) => {
  const database = databaseOf(command);
  const matches = compileFilter(docOf(command, 'filter'));
  const entries = databases.of(database).map(({ namespace, indexes }) => ({
    name: namespace.slice(database.length + 1),
    type: 'collection',
    options: {},
    info: { readOnly: false },
    idIndex: indexes[0]?.spec,
  }));
  const namespace = `${database}.$cmd.listCollections`;
  const cursor = cursors.start(namespace, entries.filter(matches), { batchSize: 10_000 });
  return { cursor, ok: 1 };
};

export const listDatabases: Command = (command, { databases }) => {
  const names = databases.all().map(({ namespace }) => namespace.split('.', 1)[0] ?? '');
  const matches = compileFilter(docOf(command, 'filter'));
  const entries = [...new Set(names)]
    .sort()
    .map((name) => ({
      name,
      sizeOnDisk: Long.fromNumber(total(databases.of(name)).bytes),
      empty: false,
    }))
    .filter(matches);
  return { databases: entries, totalSize: 0, ok: 1 };
};

export const collStats: Command = (command, { databases }) => {
  const ns = namespaceOf(command);
  const collection = databases.find(ns);
  const { count, bytes } = total(collection ? [collection] : []);
  return {
    ns,
    count,
    size: bytes,
    storageSize: bytes,
    nindexes: collection?.indexes.length ?? 0,
    ok: 1,
  };
};

export const dbStats: Command = (command, { databases }) => {
  const db = databaseOf(command);
  const collections = databases.of(db);
  const { count, bytes } = total(collections);
  return {
    db,
    collections: collections.length,
    objects: count,
    dataSize: bytes,
    storageSize: bytes,
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length, 0),
    ok: 1,
  };
};

/** Sizes are estimated from a sample. */
function total(collections: readonly Collection[]): { count: number; bytes: number } {
  const sum = { count: 0, bytes: 0 };
  for (const { records } of collections) {
    sum.count += records.size;
    const [first] = records.values();
    sum.bytes += records.size * (first ? sizeOf(first.doc) : 0);
  }
  return sum;
}
