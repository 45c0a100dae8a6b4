import { describe, expect, it } from '@jest/globals';
import { contentHash, storable } from '../../../src/mirror/content.ts';

const hash = (properties: Record<string, unknown>, managerId: string | null = null) =>
  contentHash(storable(properties), managerId);
const ada = {
  displayName: 'Ada',
  businessPhones: ['1', '2'],
  employeeOrgData: { division: 'R', costCenter: null },
};

describe('rule 1.7: the content hash', () => {
  it('does not depend on the order of names or of lists', () => {
    const same = {
      employeeOrgData: { costCenter: null, division: 'R' },
      businessPhones: ['2', '1'],
      displayName: 'Ada',
    };
    expect(hash(same)).toBe(hash(ada));
  });

  it('takes what is undefined for null', () => {
    expect(hash({ ...ada, mail: undefined })).toBe(hash({ ...ada, mail: null }));
  });

  it.each([
    ['a value', { ...ada, displayName: 'ada' }],
    ['a nested value', { ...ada, employeeOrgData: { division: 'S', costCenter: null } }],
    ['a list', { ...ada, businessPhones: ['1'] }],
    ['the type of a value', { ...ada, displayName: ['Ada'] }],
    ['null for empty', { ...ada, displayName: '' }],
  ])('changes with %s', (_what, changed) => {
    expect(hash(changed)).not.toBe(hash(ada));
  });

  it('changes with the manager', () => {
    expect(hash(ada, 'boss')).not.toBe(hash(ada));
  });

  it('is the same in every release', () => {
    expect(hash({ displayName: 'Ada' })).toBe('kjr4MKC2ON8vFQMwtVjbscQlmEKZvVj9QOcZwhYXvqA');
  });
});

describe('stored properties', () => {
  it('leave out names that are ours', () => {
    const theirs = {
      id: 'x',
      _id: 'x',
      tenantId: 'x',
      managerId: 'x',
      mirror: {},
      displayName: 'Ada',
    };
    expect(storable(theirs)).toEqual({ displayName: 'Ada' });
  });

  it('carry no name that MongoDB takes for an operator or a path', () => {
    const poisoned = { $set: 1, 'a.b': 2, nested: [{ $where: 3, 'c.d': null }] };
    expect(storable(poisoned)).toEqual({
      '\uFF04set': 1,
      'a\uFF0Eb': 2,
      nested: [{ '\uFF04where': 3, 'c\uFF0Ed': null }],
    });
  });

  it('carry no half of a character', () => {
    const halves = {
      city: 'a\uD83Db',
      list: ['\uDC00'],
      whole: '\uD83D\uDE00',
      x: { '\uD800': 1 },
    };
    expect(storable(halves)).toEqual({
      ...{ city: 'a\uFFFDb', list: ['\uFFFD'], whole: '\uD83D\uDE00', x: { '\uFFFD': 1 } },
    });
  });

  it('carry no prototype', () => {
    const poisoned = JSON.parse(
      '{"__proto__":{"admin":true},"x":{"__proto__":{"admin":true}}}',
    ) as Record<string, unknown>;
    const stored = storable(poisoned);
    expect(Object.keys(stored)).toEqual(['x']);
    expect((stored['x'] as { admin?: boolean }).admin).toBeUndefined();
  });
});
