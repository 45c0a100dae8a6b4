import { CommandError } from '../errors.ts';
import type { StoredRecord } from './collection.ts';
import { isDoc, type Doc } from './document.ts';
import { inverted, keyOf, last, sameValue, typeLetter } from './key.ts';
import { compileFilter, type Predicate } from './match.ts';
import { valuesAt } from './paths.ts';
import { SortedEntries } from './sorted-entries.ts';

export interface IndexField {
  name: string;
  path: readonly string[];
  descending: boolean;
}

/** An ordered index. Its entries are the keys of its fields, joined, with the key of `_id` behind. */
export class CollectionIndex {
  readonly spec: Doc;
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  /** What documents must match to be in the index; a sparse one wants one of its fields. */
  readonly partialFilter: Doc | undefined;
  readonly expireAfterSeconds: number | undefined;
  readonly entries = new SortedEntries();
  /** Some document had an array in one of the fields: one document, several entries. */
  multikey = false;
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

  /** The keys that a document has here; none where a partial or sparse index leaves it out. */
  keysOf(doc: Doc): readonly string[] {
    if (this.partialFilter && !this.#covers(doc)) return [];
    let keys = [''];
    for (const field of this.fields) {
      const parts = fieldKeys(doc, field);
      if (parts.length > 1) this.multikey = true;
      keys = keys.flatMap((key) => parts.map((part) => key + part));
    }
    return keys;
  }

  /** Refuses keys that another document has already, if the index is unique. */
  assertFree(keys: readonly string[], doc: Doc, idKey: string, namespace: string): void {
    if (!this.unique) return;
    for (const key of keys) {
      for (const entry of this.entries.range(key, key + last)) {
        if (entry.record.idKey !== idKey) throw this.#duplicate(doc, namespace);
      }
    }
  }

  add(keys: readonly string[], record: StoredRecord): void {
    for (const key of keys) this.entries.add({ key: key + record.idKey, record });
  }

  remove(keys: readonly string[], record: StoredRecord): void {
    for (const key of keys) this.entries.remove(key + record.idKey);
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
