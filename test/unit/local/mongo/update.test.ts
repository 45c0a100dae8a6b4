import { describe, expect, it } from '@jest/globals';
import { Long } from 'bson';
import type { Doc } from '../../../../src/local/mongo/engine/document.ts';
import { compileUpdate } from '../../../../src/local/mongo/engine/update.ts';
import { upsertedDoc } from '../../../../src/local/mongo/engine/upsert.ts';

const now = new Date(1_700_000_000_000);
const apply = (doc: Doc, update: Doc | Doc[]) =>
  compileUpdate(update, {}, [])(doc, { inserting: false, now });
const upsert = (filter: Doc, update: Doc, replaces = false) =>
  upsertedDoc(filter, compileUpdate(update, filter, []), replaces, now);

describe('an update', () => {
  it('leaves the stored document as it is and shares what does not change', () => {
    const before = { _id: 1, kept: { x: 1 }, mirror: { fence: 1, state: 'active' } };
    const after = apply(before, { $set: { 'mirror.fence': 2 } });
    expect(before.mirror.fence).toBe(1);
    expect(after).toEqual({ ...before, mirror: { fence: 2, state: 'active' } });
    expect(after['kept']).toBe(before.kept);
  });

  it('that changes nothing gives the same document', () => {
    const doc = { _id: 1, a: { b: [1] }, at: now };
    expect(apply(doc, { $set: { 'a.b': [1], at: new Date(now) }, $unset: { c: '' } })).toBe(doc);
    expect(apply(doc, { $setOnInsert: { z: 1 }, $max: { at: new Date(0) } })).toBe(doc);
    expect(apply(doc, { _id: 1, a: { b: [1] }, at: now })).toBe(doc);
    expect(apply(doc, [{ $set: { 'a.b': [1] } }])).toBe(doc);
  });

  it('through a pipeline leaves the stored document as it is', () => {
    const before = { _id: 1, mirror: { n: 1 } };
    expect(apply(before, [{ $set: { 'mirror.n': 2 } }])).toEqual({ _id: 1, mirror: { n: 2 } });
    expect(before).toEqual({ _id: 1, mirror: { n: 1 } });
  });

  it('tells null from missing', () => {
    expect(apply({ _id: 1 }, { $set: { a: null } })).toEqual({ _id: 1, a: null });
    expect(apply({ _id: 1, a: null }, { $unset: { a: '' } })).toEqual({ _id: 1 });
  });

  it('adds exactly beyond 2^53', () => {
    const doc = { _id: 1, n: Long.fromString('9007199254740993') };
    expect(String(apply(doc, { $inc: { n: 1 } })['n'])).toBe('9007199254740994');
  });

  it('keeps the _id of what it replaces', () => {
    expect(apply({ _id: 1, a: 1 }, { b: 2 })).toEqual({ _id: 1, b: 2 });
    expect(() => apply({ _id: 1 }, { _id: 2 })).toThrow('immutable');
  });
});

describe('an upsert', () => {
  it('begins with the equalities of the filter, _id first', () => {
    const filter = { 'a.b': 1, $and: [{ _id: 7 }, { c: { $eq: 2 } }], d: { $lt: 5 } };
    const doc = upsert(filter, { $set: { e: 3 }, $setOnInsert: { f: 4 } });
    expect(doc).toEqual({ _id: 7, a: { b: 1 }, c: 2, e: 3, f: 4 });
    expect(Object.keys(doc)[0]).toBe('_id');
  });

  it('draws an _id where the filter has none', () => {
    expect(upsert({ a: 1 }, { $set: { b: 1 } })['_id']).toBeDefined();
  });

  it('by replacement takes only the _id from the filter', () => {
    expect(upsert({ _id: 7, a: 1 }, { b: 1 }, true)).toEqual({ _id: 7, b: 1 });
  });
});
