import { describe, expect, it } from '@jest/globals';
import { compileFilter } from '../../../../src/local/mongo/engine/match.ts';
import type { Doc } from '../../../../src/local/mongo/engine/document.ts';

const matching: [filter: Doc, doc: Doc][] = [
  [{ a: null }, {}],
  [{ a: null }, { a: null }],
  [{ 'a.b': null }, { a: 5 }],
  [{ 'a.b': null }, { a: [{ b: 1 }, {}] }],
  [{ 'a.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }],
  [{ 'a.1.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }],
  [{ a: 2 }, { a: [1, 2] }],
  [{ a: [1, 2] }, { a: [1, 2] }],
  [{ a: { $gt: 1, $lt: 3 } }, { a: [0, 5] }],
  [{ a: { $ne: 1 } }, {}],
  [{ a: { $nin: [1] } }, { a: 2 }],
  [{ a: { $in: [null] } }, {}],
  [{ a: { $in: [/^x/, 5] } }, { a: 'xy' }],
  [{ a: { $exists: true } }, { a: null }],
  [{ a: { $exists: false } }, { b: 1 }],
  [{ a: { $not: { $gt: 5 } } }, { a: 'text' }],
  [{ a: { $gte: null } }, {}],
  [{ a: { $lt: new Date(5) } }, { a: new Date(4) }],
  [{ a: /b/i }, { a: 'ABC' }],
  [{ a: { $regex: 'b', $options: 'i' } }, { a: 'ABC' }],
  [{ a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1, y: 2 }] }],
  [{ a: { $size: 2 } }, { a: [1, 2] }],
  [{ a: { $type: 'string' } }, { a: 'x' }],
  [{ $or: [{ a: 1 }, { b: 1 }] }, { b: 1 }],
  [{ $nor: [{ a: 1 }, { b: 1 }] }, { c: 1 }],
  [{ $expr: { $lt: ['$a', '$b'] } }, { a: 1, b: 2 }],
  [{ constructor: null }, {}],
];

const failing: [filter: Doc, doc: Doc][] = [
  [{ a: null }, { a: 0 }],
  [{ 'a.b': null }, { a: [] }],
  [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }],
  [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }],
  [{ a: { $gt: 5 } }, { a: '6' }],
  [{ a: { $gt: 5 } }, {}],
  [{ a: { $lt: new Date(5) } }, { a: 4 }],
  [{ a: { $lt: 5 } }, { a: null }],
  [{ a: { $ne: 1 } }, { a: [1, 2] }],
  [{ a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1 }, { y: 2 }] }],
  [{ $and: [{ a: 1 }, { b: 1 }] }, { a: 1 }],
  [{ constructor: { $exists: true } }, {}],
];

describe('a filter', () => {
  it.each(matching)('%j finds %j', (filter, doc) => {
    expect(compileFilter(filter)(doc)).toBe(true);
  });

  it.each(failing)('%j does not find %j', (filter, doc) => {
    expect(compileFilter(filter)(doc)).toBe(false);
  });

  it('with an unknown operator is refused before anything is looked for', () => {
    expect(() => compileFilter({ a: { $frob: 1 } })).toThrow('unknown operator: $frob');
    expect(() => compileFilter({ $frob: 1 })).toThrow('unknown top level operator: $frob');
    expect(() => compileFilter({ $or: [] })).toThrow('nonempty array');
  });
});
