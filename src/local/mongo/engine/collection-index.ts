import { CommandError } from '../errors.ts';
import type { StoredRecord } from './collection.ts';
import { isDoc, type Doc } from './document.ts';
import { inverted, keyOf, last, sameValue, typeLetter } from './key.ts';
import { compileFilter, type Predicate } from './match.ts';
import { meetsArray, valueAt, valuesAt } from './paths.ts';
import { SortedEntries } from './sorted-entries.ts';

export interface IndexField {
  name: string;
  path: readonly string[];
  descending: boolean;
}

/**
 * An ordered index. Its entries are the keys of its fields, joined, with the key of `_id` behind; they
 * follow the documents when they are looked at, so that an index nobody uses costs a load next to nothing.
 */
export class CollectionIndex {
  readonly spec: Doc;
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  /** What documents must match to be in the index; a sparse one wants one of its fields. */
  readonly partialFilter: Doc | undefined;
  readonly expireAfterSeconds: number | undefined;
  /** Some document had an array in one of the fields: one document, several entries. */
  multikey = false;
  readonly #entries = new SortedEntries();
  /** New documents that are not among the entries yet. */
  #fresh: StoredRecord[] = [];
  /** Others that the entries do not follow yet, with the keys under which they are among them. */
  readonly #behind = new Map<StoredRecord, readonly string[]>();
  readonly #covers: Predicate;

  constructor(spec: Doc) {
    this.spec = spec;
    this.name = String(spec['name']);
    this.fields = fieldsOf(spec['key']);
    this.unique = Boolean(spec['unique']);
    this.partialFilter = partialFilterOf(spec, this.fields);
    const seconds = spec['expireAfterSeconds'];
    this.expireAfterSeconds = typeof seconds === 'number' ? seconds : undefined;
    this.#covers = compileFilter(this.partialFilter ?? {});
  }

  get entries(): SortedEntries {
    this.#addFresh();
    for (const [record, keys] of this.#behind) this.#follow(record, keys);
    this.#behind.clear();
    return this.#entries;
  }

  inserted(record: StoredRecord): void {
    this.#noteArrays(record.doc);
    this.#fresh.push(record);
  }

  /** A record is about to have the document `after`. */
  changing(record: StoredRecord, after: Doc): void {
    this.#noteArrays(after);
    if (this.#isUntouched(record.doc, after)) return;
    if (this.#behind.has(record)) return;
    this.#addFresh();
    this.#behind.set(record, this.#keysOf(record.doc));
  }

  /** At once: another record may come under the same keys before the index is looked at. */
  removing(record: StoredRecord): void {
    this.#addFresh();
    const keys = this.#behind.get(record) ?? this.#keysOf(record.doc);
    this.#behind.delete(record);
    for (const key of keys) this.#entries.remove(key + record.idKey);
  }

  /** Refuses keys that another document has already, if the index is unique. */
  assertFree(doc: Doc, idKey: string, namespace: string): void {
    if (!this.unique) return;
    this.#noteArrays(doc);
    for (const key of this.#keysOf(doc)) {
      for (const entry of this.entries.range(key, key + last)) {
        if (entry.record.idKey !== idKey) throw this.#duplicate(doc, namespace);
      }
    }
  }

  #noteArrays(doc: Doc): void {
    this.multikey ||= this.fields.some(({ path }) => meetsArray(doc, path));
  }

  #addFresh(): void {
    for (const record of this.#fresh) {
      for (const key of this.#keysOf(record.doc)) {
        this.#entries.add({ key: key + record.idKey, record });
      }
    }
    this.#fresh = [];
  }

  #follow(record: StoredRecord, before: readonly string[]): void {
    const after = this.#keysOf(record.doc);
    if (before.length === after.length && before.every((key, at) => key === after[at])) return;
    for (const key of before) this.#entries.remove(key + record.idKey);
    for (const key of after) this.#entries.add({ key: key + record.idKey, record });
  }

  /** The keys that a document has here; none where a partial or sparse index leaves it out. */
  #keysOf(doc: Doc): readonly string[] {
    if (this.partialFilter && !this.#covers(doc)) return [];
    if (this.multikey) return this.#severalKeysOf(doc);
    let key = '';
    for (const { path, descending } of this.fields) {
      const part = keyOf(valueAt(doc, path));
      key += descending ? inverted(part) : part;
    }
    return [key];
  }

  #severalKeysOf(doc: Doc): readonly string[] {
    let keys = [''];
    for (const field of this.fields) {
      const parts = fieldKeys(doc, field);
      keys = keys.flatMap((key) => parts.map((part) => key + part));
    }
    return keys;
  }

  #isUntouched(before: Doc, after: Doc): boolean {
    // Where an array is on the way, its path leads to nothing.
    if (this.partialFilter || this.multikey) return false;
    return this.fields.every(({ path }) => valueAt(before, path) === valueAt(after, path));
  }

  #duplicate(doc: Doc, namespace: string): CommandError {
    const keyValue: Doc = {};
    for (const { name, path } of this.fields) keyValue[name] = valuesAt(doc, path)[0] ?? null;
    return duplicateKey(namespace, this.name, this.spec['key'] as Doc, keyValue);
  }
}

export function duplicateKey(
  namespace: string,
  index: string,
  keyPattern: Doc,
  keyValue: Doc,
): CommandError {
  const shown = Object.entries(keyValue).map(
    ([name, value]) => `${name}: ${JSON.stringify(value)}`,
  );
  const message = `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: { ${shown.join(', ')} }`;
  return new CommandError('DuplicateKey', message, { keyPattern, keyValue });
}

/** Whether two specifications ask for the same index, names apart. */
export function sameIndex(a: Doc, b: Doc): boolean {
  const options = ['key', 'unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];
  return options.every((option) => sameValue(a[option] ?? null, b[option] ?? null));
}

function fieldsOf(pattern: unknown): IndexField[] {
  const fields = Object.entries(isDoc(pattern) ? pattern : {});
  if (fields.length === 0) {
    throw new CommandError('CannotCreateIndex', 'Index keys cannot be an empty object');
  }
  return fields.map(([name, direction]) => {
    if (typeof direction === 'number' && direction !== 0 && !name.includes('$**')) {
      return { name, path: name.split('.'), descending: direction < 0 };
    }
    const message = `Values in an index key pattern must be 1 or -1 here, not ${JSON.stringify(direction)}`;
    throw new CommandError('CannotCreateIndex', message);
  });
}

function partialFilterOf(spec: Doc, fields: readonly IndexField[]): Doc | undefined {
  const partial = spec['partialFilterExpression'];
  if (isDoc(partial)) return partial;
  if (!spec['sparse']) return undefined;
  return { $or: fields.map(({ name }) => ({ [name]: { $exists: true } })) };
}

function fieldKeys(doc: Doc, { path, descending }: IndexField): string[] {
  const values = valuesAt(doc, path);
  const keys =
    values.length === 1 && !Array.isArray(values[0])
      ? [keyOf(values[0])]
      : [...new Set(values.flatMap(elementKeys))];
  if (keys.length === 0) keys.push(typeLetter.null);
  return descending ? keys.map(inverted) : keys;
}

function elementKeys(value: unknown): string[] {
  if (!Array.isArray(value)) return [keyOf(value)];
  return value.length === 0 ? [typeLetter.undefined] : value.map(keyOf);
}
