import { describe, expect, it } from '@jest/globals';
import { parseJson } from '../../../src/graph/answer.ts';
import { propertyTable } from '../../../src/graph/properties.ts';
import { wholeObject, wholeQuery } from '../../../src/graph/whole-object.ts';

const table = propertyTable();

describe('a whole object', () => {
  it('shows every mirrored property, null where Graph shows nothing', () => {
    const { properties } = wholeObject('user', { id: 'u', mail: 'a@b', skills: ['x'] }, table);
    expect(Object.keys(properties)).toEqual(table.user);
    expect(properties).toMatchObject({ mail: 'a@b', city: null });
    expect(properties).not.toHaveProperty('skills');
  });

  it.each([
    ['shown', { manager: { id: 'm', displayName: 'x' } }, 'm'],
    ['absent, as a soft-deleted one is', {}, null],
    ['null', { manager: null }, null],
  ])('has a manager that is %s', (_name, shown, managerId) => {
    expect(wholeObject('user', { id: 'u', ...shown }, table).managerId).toBe(managerId);
  });

  it('has no manager where it is a group', () => {
    expect(wholeObject('group', { id: 'g', manager: { id: 'm' } }, table).managerId).toBeNull();
  });

  it('takes no harm from poisoned keys', () => {
    const raw = parseJson(
      '{"id":"u","__proto__":{"mail":"x","polluted":1},"employeeOrgData":{"__proto__":{"polluted":1}}}',
    );
    const { properties } = wholeObject('user', raw, table);
    expect(properties['mail']).toBeNull();
    expect(properties['employeeOrgData']).toEqual({});
    expect(Object.keys(properties['employeeOrgData'] as object)).toEqual([]);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([[{}], [{ id: '' }], [{ id: 5 }], [null], ['text'], [[]], [undefined]])(
    'cannot be %j',
    (raw) => {
      expect(() => wholeObject('user', raw, table)).toThrow();
    },
  );

  it('is asked for with its manager, if it is a person', () => {
    expect(wholeQuery('user', table)).toMatch(/^\$select=id,.*&\$expand=manager\(\$select=id\)$/);
    expect(wholeQuery('group', table)).not.toContain('$expand');
  });
});
