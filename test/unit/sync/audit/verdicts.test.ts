import { describe, expect, it } from '@jest/globals';
import { contentHash, storable } from '../../../../src/mirror/content.ts';
import type { MirrorState, StoredEdge, StoredObject } from '../../../../src/mirror/types.ts';
import {
  objectDifferences,
  objectDigest,
  persisting,
  type Found,
} from '../../../../src/sync/audit/object-differences.ts';
import { judgeEdge, judgeObject } from '../../../../src/sync/audit/verdict.ts';

const found = (properties: Record<string, unknown>, managerId: string | null = null): Found => ({
  kind: 'found',
  object: { type: 'user', id: 'u', properties, managerId },
});
function held(
  properties: Record<string, unknown>,
  { state = 'active', managerId = null as string | null, marks = {} } = {},
): StoredObject {
  const at = new Date(0);
  return {
    ...{ _id: 't/u', tenantId: 't', id: 'u', managerId, ...properties },
    mirror: {
      ...{ state: state as MirrorState, fence: 1, revision: 1, shape: 's', contentHash: '' },
      ...{ observedAt: at, changedAt: at, source: 'graph' },
      ...marks,
    },
  };
}
const nobody = () => false;
const namesOf = (...args: Parameters<typeof objectDifferences>) =>
  Object.keys(objectDifferences(...args));

describe('the digest of an object', () => {
  const properties = { displayName: 'Ada', otherMails: ['a', 'b'] };

  it('is the same for a read and for the document that mirrors it', () => {
    const document = held({ ...properties, otherMails: ['b', 'a'] }, { managerId: 'm' });
    expect(objectDigest('active', document, 'm')).toBe(objectDigest('active', properties, 'm'));
    expect(objectDigest('active', properties, 'm')).toBe(contentHash(storable(properties), 'm'));
  });

  it('is another for another value, manager or state', () => {
    const digests = [
      objectDigest('active', properties, 'm'),
      objectDigest('active', { ...properties, displayName: 'Eve' }, 'm'),
      objectDigest('active', properties, null),
      objectDigest('softDeleted', properties, 'm'),
    ];
    expect(new Set(digests).size).toBe(4);
  });
});

describe('the differences of an object', () => {
  it.each<[string, Found, StoredObject | undefined, string[]]>([
    ['equal', found({ a: 1 }), held({ a: 1 }), []],
    ['null and absent', found({ a: null }), held({}), []],
    ['lists in another order', found({ a: ['x', 'y'] }), held({ a: ['y', 'x'] }), []],
    ['two properties', found({ a: 1, b: 1, c: 1 }), held({ a: 1, b: 2, c: 3 }), ['b', 'c']],
    ['a property that is no longer there', found({ a: 1 }), held({ a: 1, old: 1 }), ['old']],
    ['an unknown person', found({ a: 1 }), undefined, ['state']],
    ['gone and not held', { kind: 'missing' }, undefined, []],
    ['gone and purged', { kind: 'missing' }, held({}, { state: 'purged' }), []],
    ['gone and active', { kind: 'missing' }, held({}), ['state']],
    ['gone and soft-deleted', { kind: 'missing' }, held({}, { state: 'softDeleted' }), ['state']],
    ['both soft-deleted', { kind: 'softDeleted' }, held({}, { state: 'softDeleted' }), []],
    ['a manager', found({}, 'm'), held({}), ['manager']],
    ['a manager who left', found({}), held({}, { managerId: 'm' }), ['manager']],
  ])('where it is %s', (_case, read, document, names) => {
    expect(namesOf(read, document, nobody)).toEqual(names);
  });

  it('are none where the manager whom Graph does not show is soft-deleted', () => {
    const isGone = (id: string) => id === 'gone';
    expect(namesOf(found({}), held({}, { managerId: 'gone' }), isGone)).toEqual([]);
    expect(namesOf(found({}, 'm'), held({}, { managerId: 'gone' }), isGone)).toEqual(['manager']);
  });

  it('persist only where both values are those of the look before', () => {
    const first = objectDifferences(found({ a: 1, b: 1 }), held({ a: 2, b: 2 }), nobody);
    const second = objectDifferences(found({ a: 1, b: 3 }), held({ a: 2, b: 2 }), nobody);
    expect(persisting(first, second)).toEqual(['a']);
  });

  it('tell no value', () => {
    const differences = objectDifferences(found({ a: 'Secret' }), held({ a: 'Other' }), nobody);
    expect(JSON.stringify(differences)).not.toMatch(/Secret|Other/);
  });
});

describe('the verdict on an object', () => {
  const judge = (read: Found, document: StoredObject | undefined, names?: string[]) => {
    const differences = objectDifferences(read, document, nobody);
    const look = { id: 'u', read, held: document, differences };
    return judgeObject('user', look, names ?? Object.keys(differences));
  };
  const tombstone = held({}, { state: 'softDeleted' });

  it.each<[string, Found, StoredObject | undefined, object]>([
    ['unknown', found({}), undefined, { of: 'users', kind: 'missing' }],
    ['wrongly buried', found({}), tombstone, { of: 'users', kind: 'missing' }],
    ['without a tombstone', { kind: 'softDeleted' }, undefined, { of: 'users', kind: 'missing' }],
    ['deleted and active', { kind: 'softDeleted' }, held({}), { of: 'users', kind: 'extra' }],
    ['gone and active', { kind: 'missing' }, held({}), { of: 'users', kind: 'extra' }],
    ['gone and soft-deleted', { kind: 'missing' }, tombstone, { of: 'users', kind: 'extra' }],
    [
      'other',
      found({ a: 1 }),
      held({ a: 2 }),
      { of: 'users', kind: 'different', properties: ['a'] },
    ],
    ['led', found({}, 'm'), held({}), { of: 'managers', kind: 'missing' }],
    ['no longer led', found({}), held({}, { managerId: 'm' }), { of: 'managers', kind: 'extra' }],
    [
      'led by another',
      found({}, 'n'),
      held({}, { managerId: 'm' }),
      { of: 'managers', kind: 'different' },
    ],
  ])('who is %s', (_case, read, document, difference) => {
    expect(judge(read, document)).toMatchObject({ kind: 'difference', differences: [difference] });
  });

  it('counts a person and the manager apart', () => {
    const verdict = judge(found({ a: 1 }, 'm'), held({ a: 2 }));
    expect(verdict).toMatchObject({ differences: [{ of: 'users' }, { of: 'managers' }] });
  });

  it('is none where nothing persisted', () => {
    expect(judge(found({ a: 1 }), held({ a: 2 }), [])).toEqual({ kind: 'unsettled' });
  });

  it.each(['held', 'kept'] as const)('is %s where the removal is, and only then', (mark) => {
    const marked = held({ a: 2 }, { marks: { [mark]: {} } });
    expect(judge({ kind: 'missing' }, marked)).toEqual({ kind: mark });
    expect(judge(found({ a: 1 }), marked)).toMatchObject({ kind: 'difference' });
  });
});

describe('the verdict on a membership', () => {
  const edges = { groupId: 'g', kind: 'member' as const };
  const stored = (marks = {}): StoredEdge => ({
    ...{ ...edges, _id: 't/g/member/m', tenantId: 't', memberId: 'm', memberType: 'user' },
    ...{ present: true, since: null, until: null },
    mirror: { fence: 1, changedAt: new Date(0), ...marks },
  });

  it.each([
    ['missing', undefined],
    ['extra', stored()],
  ])('is %s', (kind, document) => {
    const look = { memberId: 'm', ...(document && { held: document }) };
    const difference = { of: 'memberships', kind, id: 'g/member/m' };
    expect(judgeEdge(edges, look)).toEqual({ kind: 'difference', differences: [difference] });
  });

  it.each(['held', 'kept'] as const)('is %s where its end is', (mark) => {
    const look = { memberId: 'm', held: stored({ [mark]: {} }) };
    expect(judgeEdge(edges, look)).toEqual({ kind: mark });
  });
});
