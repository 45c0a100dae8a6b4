import { CommandError } from '../errors.ts';
import { CollectionIndex, duplicateKey, sameIndex } from './collection-index.ts';
import type { Doc } from './document.ts';
import { keyOf } from './key.ts';

export interface StoredRecord {
  readonly idKey: string;
  doc: Doc;
}

/** Is told of every change, in order, after it has been made. */
export interface Journal {
  put(namespace: string, idKey: string, doc: Doc): void;
  remove(namespace: string, idKey: string): void;
  /** A collection was created, or its indexes changed: the whole list, `_id_` first. */
  define(namespace: string, indexes: readonly Doc[]): void;
  drop(namespace: string): void;
}

const idIndex = { v: 2, key: { _id: 1 }, name: '_id_' };

/** The documents of one collection, in order of their insertion, and its indexes. */
export class Collection {
  readonly namespace: string;
  readonly records = new Map<string, StoredRecord>();
  readonly #journal: Journal;
  #indexes: readonly CollectionIndex[] = [new CollectionIndex(idIndex)];

  constructor(namespace: string, journal: Journal) {
    this.namespace = namespace;
    this.#journal = journal;
  }

  /** The index of `_id` first. */
  get indexes(): readonly CollectionIndex[] {
    return this.#indexes;
  }

  insert(doc: Doc): void {
    const idKey = keyOf(doc['_id']);
    if (this.records.has(idKey)) {
      throw duplicateKey(this.namespace, '_id_', { _id: 1 }, { _id: doc['_id'] });
    }
    const record = { idKey, doc };
    this.#index(record);
    this.records.set(idKey, record);
    this.#journal.put(this.namespace, idKey, doc);
  }

  replace(record: StoredRecord, doc: Doc): void {
    const moves = this.#indexes.map((index) => {
      const before = index.keysOf(record.doc);
      const after = index.keysOf(doc);
      const same = before.length === after.length && before.every((key, at) => key === after[at]);
      if (!same) index.assertFree(after, doc, record.idKey, this.namespace);
      return { index, before, after, same };
    });
    for (const { index, before, after, same } of moves) {
      if (same) continue;
      index.remove(before, record);
      index.add(after, record);
    }
    record.doc = doc;
    this.#journal.put(this.namespace, record.idKey, doc);
  }

  remove(record: StoredRecord): void {
    for (const index of this.#indexes) index.remove(index.keysOf(record.doc), record);
    this.records.delete(record.idKey);
    this.#journal.remove(this.namespace, record.idKey);
  }

  /** False where there is such an index already; another one of its name or key is refused. */
  createIndex(spec: Doc): boolean {
    const named = this.#indexes.find(({ name }) => name === spec['name']);
    const alike = this.#indexes.find((index) => sameIndex(index.spec, spec));
    if (named && named === alike) return false;
    if (named) {
      const message = `An existing index has the same name as the requested index: ${named.name}`;
      throw new CommandError('IndexKeySpecsConflict', message);
    }
    if (alike) {
      const message = `Index already exists with a different name: ${alike.name}`;
      throw new CommandError('IndexOptionsConflict', message);
    }
    const index = new CollectionIndex(spec);
    for (const record of this.records.values()) this.#addTo(index, record);
    this.#setIndexes([...this.#indexes, index]);
    return true;
  }

  dropIndexes(dropped: (index: CollectionIndex) => boolean): void {
    this.#setIndexes(this.#indexes.filter((index) => index.name === '_id_' || !dropped(index)));
  }

  #setIndexes(indexes: readonly CollectionIndex[]): void {
    this.#indexes = indexes;
    this.#journal.define(
      this.namespace,
      indexes.map(({ spec }) => spec),
    );
  }

  #index(record: StoredRecord): void {
    const additions = this.#indexes.map((index) => {
      const keys = index.keysOf(record.doc);
      index.assertFree(keys, record.doc, record.idKey, this.namespace);
      return { index, keys };
    });
    for (const { index, keys } of additions) index.add(keys, record);
  }

  #addTo(index: CollectionIndex, record: StoredRecord): void {
    const keys = index.keysOf(record.doc);
    index.assertFree(keys, record.doc, record.idKey, this.namespace);
    index.add(keys, record);
  }
}
