import { describe, expect, it } from '@jest/globals';
import { besideGraph, type ScimFacet } from '../../../src/mirror/facet.ts';
import { correlate } from '../../../src/mirror/scim-candidates.ts';

const facet = (values: Record<string, unknown>, more: Partial<ScimFacet> = {}): ScimFacet => ({
  ...{ connectionId: 'c', id: 's', revision: 1, removed: false, active: true },
  ...{ externalId: null, managerId: null, values },
  ...more,
});

describe('what two sources decide', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, object, string[]]>([
    ['the same', { department: 'IT' }, { department: 'IT' }, {}, []],
    ['the same in another case', { mail: 'A@x.example' }, { mail: 'a@x.example' }, {}, []],
    ['what Graph has not', { jobTitle: null }, { jobTitle: 'Lead' }, { jobTitle: 'Lead' }, []],
    ['another value', { department: 'IT' }, { department: 'R&D' }, {}, ['department']],
    ['nothing', { department: 'IT' }, { department: null }, {}, []],
    ['a list', { businessPhones: ['1'] }, { businessPhones: ['2'] }, {}, ['businessPhones']],
    [
      'parts in another order',
      { employeeOrgData: { division: 'a', costCenter: 'b' } },
      { employeeOrgData: { costCenter: 'b', division: 'a' } },
      {},
      [],
    ],
  ])('SCIM says %s', (_what, graph, scim, fills, drift) => {
    const decided = besideGraph(graph, null, facet(scim));
    expect(decided).toMatchObject({ source: 'both', facet: { fills, drift } });
  });

  it('is Graph’s alone without a facet, and once it was removed', () => {
    expect(besideGraph({ department: 'IT' }, null, undefined)).toEqual({ source: 'graph' });
    const removed = besideGraph(
      { department: 'IT' },
      null,
      facet({ department: 'R&D' }, { removed: true }),
    );
    expect(removed).toMatchObject({ source: 'graph', facet: { drift: [], fills: {} } });
  });

  it('compares managers like any property', () => {
    expect(besideGraph({}, 'a', facet({}, { managerId: 'b' })).facet?.drift).toEqual(['managerId']);
    expect(besideGraph({}, null, facet({}, { managerId: 'b' })).facet?.fills).toEqual({
      managerId: 'b',
    });
  });
});

describe('correlation', () => {
  const [a, b] = [{ id: 'a' }, { id: 'b' }];
  it.each([
    ['nobody', undefined, [], 'none'],
    ['the object id alone', a, [], { objectId: 'a' }],
    ['the name alone', undefined, [a], { objectId: 'a' }],
    ['both the same', a, [a], { objectId: 'a' }],
    ['two different ones', a, [b], 'ambiguous'],
    ['two of the name', undefined, [a, b], 'ambiguous'],
  ])('finds %s', (_what, byId, byName, expected) => {
    expect(correlate({ byId, byName })).toEqual(expected);
  });
});
