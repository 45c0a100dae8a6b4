import { describe, expect, it } from '@jest/globals';
import { importLimit } from '../../../src/hr/guard.ts';
import { missingPermissions } from '../../../src/hr/permissions.ts';
import { readRecords } from '../../../src/hr/read-records.ts';
import { seal, unseal } from '../../../src/hr/seal.ts';

describe('the guard', () => {
  it.each([
    [0, 20],
    [400, 20],
    [1_000, 50],
    [20_019, 1_000],
  ])('of a tenant of %i people lets an import change %i', (people, limit) => {
    expect(importLimit(people)).toBe(limit);
  });
});

describe('a sealed secret', () => {
  const key = 'k'.repeat(32);

  it('opens with its key, for its tenant', () => {
    const sealed = seal('the secret', key, 'tenant');
    expect(sealed).not.toContain('the secret');
    expect(unseal(sealed, key, 'tenant')).toBe('the secret');
  });

  it('opens with no other key, for no other tenant, and not changed', () => {
    const sealed = seal('the secret', key, 'tenant');
    expect(() => unseal(sealed, 'x'.repeat(32), 'tenant')).toThrow();
    expect(() => unseal(sealed, key, 'other')).toThrow();
    expect(() => unseal(`${sealed.slice(0, -2)}AA`, key, 'tenant')).toThrow();
  });
});

describe('permissions', () => {
  it('that are missing are named, and a wider one counts', () => {
    expect(missingPermissions(['User.Read.All'])).toHaveLength(4);
    const wide = ['Directory.Read.All', 'User.ReadWrite.All', 'User-Phone.ReadWrite.All'];
    expect(missingPermissions(wide)).toEqual(['User-LifeCycleInfo.ReadWrite.All']);
    expect(missingPermissions(undefined)).toEqual([]);
  });
});

describe('a file of HR', () => {
  it('is CSV with commas or semicolons, or JSON', () => {
    const people = [{ employeeId: 'E1', firstName: 'Ada' }];
    expect(readRecords('\uFEFFemployeeId,firstName\nE1, Ada\n\n', 'x.csv')).toEqual(people);
    expect(readRecords('employeeId;firstName\r\nE1;Ada\r\n', 'x.CSV')).toEqual(people);
    expect(readRecords(JSON.stringify(people), 'x.json')).toEqual(people);
    expect(readRecords(JSON.stringify(people[0]), 'x.json')).toEqual(people);
  });

  it('that cannot be read says so', () => {
    expect(() => readRecords('{', 'x.json')).toThrow('x.json is not JSON');
    expect(() => readRecords('a,b\n"1', 'x.csv')).toThrow('x.csv is not CSV');
  });
});
