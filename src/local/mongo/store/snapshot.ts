import type { Binary } from 'bson';
import type { Databases } from '../engine/databases.ts';
import { fromBytes, isDoc, toBytes, type Doc } from '../engine/document.ts';

/** One line of the log. Documents stay bytes until the last version of each is known. */
export type LogRecord =
  | { op: 'put'; ns: string; key: Binary; doc: Binary }
  | { op: 'remove'; ns: string; key: Binary }
  | { op: 'define'; ns: string; indexes: readonly Doc[] }
  | { op: 'drop'; ns: string };

interface StoredCollection {
  indexes: readonly Doc[];
  docs: Map<string, LogRecord & { op: 'put' }>;
}

/** What a log adds up to. */
export class Snapshot {
  readonly #collections = new Map<string, StoredCollection>();

  static of(records: Iterable<Uint8Array>): Snapshot {
    const snapshot = new Snapshot();
    for (const bytes of records) snapshot.#apply(fromBytes(bytes) as unknown as LogRecord);
    return snapshot;
  }

  get size(): number {
    let size = 0;
    for (const { docs } of this.#collections.values()) size += 1 + docs.size;
    return size;
  }

  /** The shortest log that adds up to the same. */
  *records(): Generator<Uint8Array> {
    for (const [ns, { indexes, docs }] of this.#collections) {
      yield toBytes({ op: 'define', ns, indexes });
      for (const record of docs.values()) yield toBytes({ ...record });
    }
  }

  restoreInto(databases: Databases): void {
    for (const [namespace, { indexes, docs }] of this.#collections) {
      const collection = databases.open(namespace);
      for (const { doc } of docs.values()) collection.insert(fromBytes(doc.buffer));
      for (const spec of indexes.slice(1)) collection.createIndex(spec);
    }
  }

  #apply(record: LogRecord): void {
    const collection = this.#collections.get(record.ns) ?? { indexes: [], docs: new Map() };
    this.#collections.set(record.ns, collection);
    switch (record.op) {
      case 'put':
        collection.docs.set(textOf(record.key), record);
        return;
      case 'remove':
        collection.docs.delete(textOf(record.key));
        return;
      case 'define':
        collection.indexes = record.indexes.filter(isDoc);
        return;
      case 'drop':
        this.#collections.delete(record.ns);
    }
  }
}

const textOf = (key: Binary): string => Buffer.from(key.buffer).toString('latin1');
