import { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { isDoc, type Doc } from './document.ts';

/**
 * The order of BSON types. Each key starts with its letter and ends itself, so that keys can be
 * joined and compared as strings: equal keys are equal values, and a smaller key is a smaller value.
 */
export const typeLetter = {
  minKey: 'A',
  /** What an index holds for an empty array. */
  undefined: 'B',
  null: 'C',
  number: 'D',
  string: 'E',
  object: 'F',
  array: 'G',
  binary: 'H',
  objectId: 'I',
  boolean: 'J',
  date: 'K',
  timestamp: 'L',
  regex: 'M',
  maxKey: 'N',
} as const;

const end = '\0';
/** Greater than whatever can follow a key. */
export const last = '\uffff';

/** The key of one value; a missing one counts as null. */
export function keyOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return typeLetter.string + text(value);
    case 'number':
      return typeLetter.number + double(value) + exact;
    case 'boolean':
      return typeLetter.boolean + (value ? '1' : '0');
    case 'object':
      return value === null ? typeLetter.null : objectKey(value);
    case 'bigint':
      return keyOf(Long.fromBigInt(value));
    default:
      return typeLetter.null;
  }
}

/** Turns the order of a key around, for descending index fields. */
export function inverted(key: string): string {
  let result = '';
  for (let at = 0; at < key.length; at++) {
    result += String.fromCharCode(0xffff - key.charCodeAt(at));
  }
  return result;
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' && typeof b !== 'object') return false;
  return keyOf(a) === keyOf(b);
}

/** Compares in BSON order; undefined where the types do not compare in a query (`$gt: 5` finds no strings). */
export function compareWithinType(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return order(a, b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  const left = keyOf(a);
  const right = keyOf(b);
  return left[0] === right[0] ? order(left, right) : undefined;
}

export const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const exact = '\u8000';

function objectKey(value: object): string {
  if (value instanceof Date) return typeLetter.date + double(value.getTime());
  if (Array.isArray(value)) return typeLetter.array + value.map(keyOf).join('') + end;
  if (isDoc(value)) return typeLetter.object + fields(value) + end;
  if (value instanceof ObjectId) return typeLetter.objectId + value.toHexString();
  // Both are Longs by inheritance.
  if (value instanceof Timestamp) return typeLetter.timestamp + unsigned(value);
  if (value instanceof Long) return typeLetter.number + long(value);
  if (value instanceof Decimal128) return typeLetter.number + double(Number(value)) + exact;
  if (value instanceof Binary) return typeLetter.binary + binary(value);
  if (value instanceof RegExp) return typeLetter.regex + text(value.source) + text(value.flags);
  if (value instanceof MinKey) return typeLetter.minKey;
  if (value instanceof MaxKey) return typeLetter.maxKey;
  return typeLetter.object + text(JSON.stringify(value)) + end;
}

/** Documents compare field by field in their stored order: type, then name, then value. */
function fields(doc: Doc): string {
  let key = '';
  for (const name in doc) {
    const value = keyOf(doc[name]);
    key += value.charAt(0) + text(name) + value;
  }
  return key;
}

/** 0 ends a text, and 1 marks what stands for either of them within it. */
function text(value: string): string {
  if (!value.includes('\0') && !value.includes('\u0001')) return value + end;
  return value.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001') + end;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of a double, changed so that they sort like the number; NaN comes first. */
function double(value: number): string {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  const flip = scratch.getUint8(0) & 0x80 ? 0xffff : 0;
  return Number.isNaN(value)
    ? '\0\0\0\0'
    : String.fromCharCode(
        scratch.getUint16(0) ^ (flip || 0x8000),
        scratch.getUint16(2) ^ flip,
        scratch.getUint16(4) ^ flip,
        scratch.getUint16(6) ^ flip,
      );
}

/** Beyond 2^53 the nearest double comes first, then what is missing to the exact value. */
function long(value: Long): string {
  const nearest = value.toNumber();
  const rest = value.subtract(Long.fromNumber(nearest)).toNumber();
  return double(nearest) + String.fromCharCode(0x8000 + rest);
}

const unsigned = (value: Pick<Long, 'getHighBitsUnsigned' | 'getLowBitsUnsigned'>): string =>
  value.getHighBitsUnsigned().toString(16).padStart(8, '0') +
  value.getLowBitsUnsigned().toString(16).padStart(8, '0');

const binary = (value: Binary): string =>
  value.position.toString(16).padStart(8, '0') +
  String.fromCharCode(value.sub_type) +
  text(value.toString('hex'));
