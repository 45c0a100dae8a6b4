import { describe, expect, it } from '@jest/globals';
import { desiredProperties, readMapping, standardMapping } from '../../../src/hr/mapping.ts';
import type { ConfigError } from '../../../src/ops/errors.ts';
import { buildEmployee } from './build-employee.ts';

const problems = (raw: unknown) => {
  try {
    readMapping(raw);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};
const without = (property: string) => standardMapping.filter((rule) => rule.property !== property);

describe('the mapping', () => {
  it('brings each field to the property that stands for it', () => {
    const employee = buildEmployee({
      ...{ street: 'Storgatan 1', zip: '111', city: 'Lund', country: 'Sweden', title: 'Buyer' },
      ...{ organisation: 'Northwind', office: 'L-1', department: 'Trade', workPhone: '+46 1' },
      ...{ hireDate: '2024-02-29', leaveDate: '2031-01-31T20:30:00.000Z' },
    });
    expect(desiredProperties(employee, standardMapping)).toEqual({
      ...{ employeeId: 'E1', givenName: 'Ada', surname: 'Lind', displayName: 'Ada Lind' },
      ...{ mail: employee.workMail, userPrincipalName: employee.workMail },
      ...{ streetAddress: 'Storgatan 1', postalCode: '111', city: 'Lund', country: 'Sweden' },
      ...{ jobTitle: 'Buyer', companyName: 'Northwind', officeLocation: 'L-1' },
      ...{ department: 'Trade', businessPhones: ['+46 1'] },
      employeeHireDate: '2024-02-29T01:00:00Z',
      employeeLeaveDateTime: '2031-01-31T20:30:00Z',
    });
  });

  it('clears with null, a list with an empty one, and a leave date falls late on its day', () => {
    const desired = desiredProperties(buildEmployee({ leaveDate: '2025-12-31' }), standardMapping);
    expect(desired).toMatchObject({ jobTitle: null, businessPhones: [], employeeHireDate: null });
    expect(desired['employeeLeaveDateTime']).toBe('2025-12-31T23:00:00Z');
  });

  it('can be replaced by a table that passes the checks', () => {
    expect(problems(standardMapping)).toEqual([]);
    const table = [
      ...without('department'),
      { property: 'department', from: ['office', 'department'] },
    ];
    const employee = buildEmployee({ office: 'L-1', department: 'Trade' });
    expect(desiredProperties(employee, readMapping(table))['department']).toBe('L-1 Trade');
  });

  it.each([
    [[...without('mail'), { property: 'mail', from: ['office'] }], /mail must come from workMail/],
    [without('displayName'), /displayName is not mapped/],
    [[...standardMapping, { property: 'city', from: ['zip'] }], /city is mapped twice/],
    [[...standardMapping, { property: 'accountEnabled', from: ['title'] }], /may write/],
    [[...standardMapping, { property: 'passwordProfile', from: ['title'] }], /may write/],
    [[...without('manager'), { property: 'manager', from: ['title'] }], /manager must be "as"/],
    [[{ property: 'displayName', from: ['title'] }], /displayName cannot be empty/],
    [{ city: 'city' }, /HR_MAPPING_FILE/],
  ])('refuses a table that would do harm: %j', (table, message) => {
    expect(problems(table)).toContainEqual(expect.stringMatching(message));
  });
});
