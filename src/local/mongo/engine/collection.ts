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
    this.#assertFree(doc, idKey);
    const record: StoredRecord = { idKey, doc };
    this.records.set(idKey, record);
    for (const index of this.#indexes) index.inserted(record);
    this.#journal.put(this.namespace, idKey, doc);
  }

  replace(record: StoredRecord, doc: Doc): void {
    this.#assertFree(doc, record.idKey);
    for (const index of this.#indexes) index.changing(record, doc);
    record.doc = doc;
    this.#journal.put(this.namespace, record.idKey, doc);
  }

  remove(record: StoredRecord): void {
    for (const index of this.#indexes) index.removing(record);
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
    for (const record of this.records.values()) {
      index.assertFree(record.doc, record.idKey, this.namespace);
      index.inserted(record);
    }
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

  #assertFree(doc: Doc, idKey: string): void {
    for (const index of this.#indexes) index.assertFree(doc, idKey, this.namespace);
  }
}
