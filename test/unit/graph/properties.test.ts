import { describe, expect, it } from '@jest/globals';
import { propertyTable } from '../../../src/graph/properties.ts';
import { ConfigError } from '../../../src/ops/errors.ts';

describe('the table of mirrored properties', () => {
  it('holds each name once, in order', () => {
    const { user, group } = propertyTable();
    for (const names of [user, group]) expect(names).toEqual([...new Set(names)].sort());
    expect(user).toEqual(
      expect.arrayContaining(['employeeId', 'employeeOrgData', 'proxyAddresses']),
    );
    expect(group).toEqual(expect.arrayContaining(['groupTypes', 'membershipRule']));
  });

  it('asks for employeeLeaveDateTime only where it is wanted: it needs a permission of its own', () => {
    const wanted = propertyTable({ user: { extra: ['employeeLeaveDateTime'] } });
    expect(propertyTable().user).not.toContain('employeeLeaveDateTime');
    expect(wanted.user).toContain('employeeLeaveDateTime');
  });

  it('has another shape for another set, and the same for the same', () => {
    const less = { user: { less: ['imAddresses'] } };
    expect(propertyTable(less).user).not.toContain('imAddresses');
    expect(propertyTable(less).shape).not.toBe(propertyTable().shape);
    expect(propertyTable({ user: { extra: ['mail'] } }).shape).toBe(propertyTable().shape);
  });

  it('keeps createdDateTime, by which sweeps tell what is new', () => {
    expect(() => propertyTable({ user: { less: ['createdDateTime'] } })).toThrow(ConfigError);
  });

  it.each([['id'], ['manager'], ['mirror'], ['$filter'], ['a,b'], ['a&b'], ['__proto__'], ['']])(
    'refuses the name %j',
    (name) => {
      expect(() => propertyTable({ group: { extra: [name] } })).toThrow(ConfigError);
    },
  );
});
