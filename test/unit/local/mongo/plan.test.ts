import { describe, expect, it } from '@jest/globals';
import { Collection } from '../../../../src/local/mongo/engine/collection.ts';
import type { Doc } from '../../../../src/local/mongo/engine/document.ts';
import { explainQuery, findRecords } from '../../../../src/local/mongo/engine/query.ts';

const nothing = () => undefined;
const journal = { put: nothing, remove: nothing, define: nothing, drop: nothing };

function collectionOf(docs: readonly Doc[], indexes: readonly Doc[]): Collection {
  const collection = new Collection('test.docs', journal);
  for (const spec of indexes) collection.createIndex({ name: JSON.stringify(spec), ...spec });
  for (const doc of docs) collection.insert(doc);
  return collection;
}

/** The index in use, or the outermost stage. */
function plan(indexes: readonly Doc[], filter: Doc, sort?: Doc): unknown {
  const explained = explainQuery(collectionOf([], indexes), { filter, ...(sort && { sort }) });
  const scan = explained['inputStage'] as Doc | undefined;
  return scan?.['keyPattern'] ?? explained['stage'];
}

describe('the plan of a query', () => {
  const byState = { key: { state: 1 } };
  const byStateAndDate = { key: { state: 1, at: 1 } };
  const active = { key: { name: 1 }, partialFilterExpression: { state: 'active' } };
  const due = { key: { due: 1 }, partialFilterExpression: { due: { $exists: true } } };

  it('takes the index that fixes most fields', () => {
    const filter = { state: 'a', at: { $gt: 1 } };
    expect(plan([byState, byStateAndDate], filter)).toEqual({ state: 1, at: 1 });
    expect(plan([{ key: { at: 1 } }, byState], filter)).toEqual({ state: 1 });
  });

  it('takes a partial index only where the query lies within it', () => {
    expect(plan([active], { name: 'x' })).toBe('COLLSCAN');
    expect(plan([active], { name: 'x', state: 'gone' })).toBe('COLLSCAN');
    expect(plan([active], { name: 'x', state: { $eq: 'active' } })).toEqual({ name: 1 });
    expect(plan([due], { due: { $lte: 5 } })).toEqual({ due: 1 });
    expect(plan([due], { due: null })).toBe('COLLSCAN');
    expect(plan([{ key: { a: 1 }, sparse: true }], { a: 3 })).toEqual({ a: 1 });
    expect(plan([{ key: { a: 1 }, sparse: true }], {}, { a: 1 })).toBe('SORT');
  });

  it('reads an index for its order alone, in either direction', () => {
    expect(plan([byStateAndDate], {}, { state: -1, at: -1 })).toEqual({ state: 1, at: 1 });
    expect(plan([byStateAndDate], { state: 'a' }, { at: -1 })).toEqual({ state: 1, at: 1 });
    expect(plan([byStateAndDate], {}, { state: 1, at: -1 })).toBe('SORT');
  });

  it('unites the branches of $or where each has an index', () => {
    expect(plan([byState], { $or: [{ state: 'a' }, { _id: 1 }] })).toBe('OR');
    expect(plan([byState], { $or: [{ state: 'a' }, { name: 'x' }] })).toBe('COLLSCAN');
  });
});

describe('random queries', () => {
  it('find the same with indexes as without, in the same order', () => {
    const random = randomNumbers(7);
    const pick = <T>(values: readonly T[]): T => values[random() % values.length]!;
    const values = [undefined, null, 0, 1, 2, 3, 'a', 'b', '', [], [1, 3], ['a', 2], { x: 1 }];
    const scalars = values.filter((value) => !Array.isArray(value));
    const docs = Array.from({ length: 300 }, (_, _id) => {
      const doc: Doc = { _id, a: pick(values), b: pick(scalars), c: { d: pick(scalars) } };
      for (const name of ['a', 'b']) if (doc[name] === undefined) Reflect.deleteProperty(doc, name);
      return doc;
    });
    const indexed = collectionOf(docs, [
      { key: { a: 1 } },
      { key: { b: 1, 'c.d': -1 } },
      { key: { 'c.d': -1, a: 1 } },
      { key: { b: -1 }, sparse: true },
    ]);
    const plain = collectionOf(docs, []);
    const condition = (): unknown => {
      const value = pick(values) ?? null;
      return pick([
        value,
        { $gt: value },
        { $gte: value },
        { $lt: value },
        { $lte: value },
        { $gt: 0, $lt: 3 },
        { $in: [value, 2, 'b'] },
        { $ne: value },
        { $exists: random() % 2 === 0 },
      ]);
    };
    const paths = ['a', 'b', 'c.d'] as const;
    const ids = (collection: Collection, query: { filter: Doc; sort?: Doc }) =>
      findRecords(collection, query).map(({ doc }) => doc['_id']);
    let found = 0;
    for (let round = 0; round < 400; round++) {
      const filter: Doc = { [pick(paths)]: condition(), [pick(paths)]: condition() };
      if (round % 5 === 0) filter['$or'] = [{ a: condition() }, { b: condition() }];
      const sort = { [pick(paths)]: pick([1, -1]), _id: 1 };
      const expected = ids(plain, { filter, sort });
      expect({ filter, sort, ids: ids(indexed, { filter, sort }) }).toEqual({
        filter,
        sort,
        ids: expected,
      });
      expect(ids(indexed, { filter }).length).toBe(expected.length);
      found += expected.length;
    }
    expect(found).toBeGreaterThan(1_000);
  });
});

/** A small linear congruential generator: the same numbers for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state >>> 8;
  };
}
