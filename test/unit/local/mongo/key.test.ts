import { describe, expect, it } from '@jest/globals';
import { Binary, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import {
  compareWithinType,
  inverted,
  keyOf,
  sameValue,
} from '../../../../src/local/mongo/engine/key.ts';

/** In MongoDB's order, each smaller than the next. */
const ordered: unknown[] = [
  new MinKey(),
  null,
  -Infinity,
  -5.5,
  -1,
  0,
  1e-300,
  1,
  2.5,
  10,
  Number.MAX_SAFE_INTEGER,
  Long.fromString('9007199254740993'),
  Long.fromString('9007199254740994'),
  Long.fromString('9007199254740995'),
  1e300,
  '',
  'a',
  'a\0',
  'a\0b',
  'a\u0001',
  'ab',
  'b',
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { a: 2 },
  { b: 1 },
  { a: 'x' },
  [],
  [1],
  [1, 2],
  [2],
  new Binary(Buffer.from('z')),
  new Binary(Buffer.from('aa')),
  new ObjectId('000000000000000000000001'),
  new ObjectId('ff0000000000000000000001'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Date(1_700_000_000_000),
  new Timestamp({ t: 1, i: 1 }),
  new Timestamp({ t: 2, i: 0 }),
  /a/,
  new MaxKey(),
];

describe('the key of a value', () => {
  it('sorts as MongoDB sorts the values', () => {
    const keys = ordered.map(keyOf);
    expect([...keys].sort()).toEqual(keys);
    expect(new Set(keys).size).toBe(ordered.length);
  });

  it('sorts the other way round when inverted, joined to others too', () => {
    const keys = ordered.map((value) => inverted(keyOf(value)) + keyOf('next'));
    expect([...keys].sort()).toEqual(keys.reverse());
  });

  it('is never the beginning of another key', () => {
    const keys = ordered.map(keyOf);
    for (const key of keys) expect(keys.filter((other) => other.startsWith(key))).toEqual([key]);
  });

  it('is the same for equal numbers of different types', () => {
    expect(keyOf(Long.fromNumber(5))).toBe(keyOf(5));
    expect(keyOf(-0)).toBe(keyOf(0));
  });

  it('minds the order of fields', () => {
    expect(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
    expect(sameValue({ a: new Date(1) }, { a: new Date(1) })).toBe(true);
  });
});

describe('a comparison in a query', () => {
  it('is made within one type only', () => {
    expect(compareWithinType(1, '1')).toBeUndefined();
    expect(compareWithinType(null, 0)).toBeUndefined();
    expect(compareWithinType(2, 10)).toBeLessThan(0);
    expect(compareWithinType(Long.fromString('9007199254740993'), 1)).toBeGreaterThan(0);
    expect(compareWithinType(new Date(2), new Date(1))).toBeGreaterThan(0);
  });
});
