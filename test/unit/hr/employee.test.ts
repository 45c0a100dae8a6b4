import { describe, expect, it } from '@jest/globals';
import { hashOf, readEmployee } from '../../../src/hr/employee.ts';
import { buildEmployee } from './build-employee.ts';

const fieldsOf = (raw: unknown) => {
  const read = readEmployee(raw);
  return read.kind === 'invalid' ? read.problems.map(({ field }) => field) : [];
};

describe('a record of HR', () => {
  it('needs an id, a work mail, a first and a last name, and every one that is missing is named', () => {
    expect(fieldsOf({})).toEqual(['employeeId', 'workMail', 'firstName', 'lastName']);
    expect(fieldsOf('nonsense')).toEqual(['employee']);
  });

  it('takes what is absent, null or blank as empty', () => {
    const { employeeId, workMail, firstName, lastName } = buildEmployee();
    const mandatory = { employeeId, workMail, firstName, lastName };
    const employee = buildEmployee();
    expect(readEmployee(mandatory)).toEqual({ kind: 'valid', employee });
    const blank = { ...mandatory, city: ' ', hireDate: '', title: null };
    expect(readEmployee(blank)).toEqual({ kind: 'valid', employee });
  });

  it('has no fields that nobody knows, so that a misspelt one clears nothing', () => {
    expect(fieldsOf({ ...buildEmployee(), workEmail: 'x', phone: 'y' })).toEqual([
      'workEmail',
      'phone',
    ]);
  });

  it.each([
    ['employeeId', 'twelve/thirteen'],
    ['employeeId', '12345678901234567'],
    ['workMail', 'ådå@northwind.example'],
    ['workMail', 'ada.@northwind.example'],
    ['firstName', '  '],
    ['department', 'x'.repeat(65)],
    ['hireDate', '31.12.2026'],
    ['leaveDate', '2026-02-30'],
    ['leaveDate', '2026-02-03T10:00:00+01:00'],
    ['city', 7],
  ])('refuses %s %j', (field, value) => {
    expect(fieldsOf({ ...buildEmployee(), [field]: value })).toEqual([field]);
  });

  it('is the same record whatever the order of its fields', () => {
    const read = (raw: object) => {
      const found = readEmployee(raw);
      return found.kind === 'valid' ? hashOf(found.employee) : undefined;
    };
    const record = buildEmployee({ city: 'Oslo' });
    const turned = Object.fromEntries(Object.entries(record).reverse());
    expect(read(turned)).toBe(read(record));
    expect(read({ ...record, city: 'Bergen' })).not.toBe(read(record));
  });
});
