import { calculateObjectSize, deserialize, serialize } from 'bson';

/** What MongoDB takes as one document, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** A BSON document as JavaScript holds it. Stored ones are never changed in place. */
export interface Doc {
  [field: string]: unknown;
}

/** Embedded documents only: no array, no date, no BSON type. */
export function isDoc(value: unknown): value is Doc {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export const toBytes = (doc: Doc): Uint8Array => serialize(doc, { ignoreUndefined: true });
export const fromBytes = (bytes: Uint8Array): Doc => deserialize(bytes);
export const sizeOf = (doc: Doc): number => calculateObjectSize(doc, { ignoreUndefined: true });

/** A copy that shares nothing, for code that changes what it is given. */
export const copyDoc = (doc: Doc): Doc => fromBytes(toBytes(doc));
