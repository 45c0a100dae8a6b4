import { describe, expect, it } from '@jest/globals';
import { planPerson, type Manager } from '../../../src/hr/plan.ts';
import type { Person } from '../../../src/hr/types.ts';
import { buildEmployee } from './build-employee.ts';

const employee = buildEmployee();
const domains = [
  { name: 'northwind.example', isFederated: false },
  { name: 'partner.example', isFederated: true },
];
const desired = { employeeId: 'E1', displayName: 'Ada Lind', jobTitle: null, businessPhones: [] };
const person = (changes: Partial<Person> = {}): Person => ({
  ...{ id: 'p1', employeeId: 'E1', isOnPremises: false, managerId: null },
  properties: { displayName: 'Ada Lind', jobTitle: null, businessPhones: null },
  ...changes,
});
const situation = {
  ...{ employee, domains, desired, candidates: [person()], unsupported: [] },
  manager: { kind: 'none' } as Manager,
};
const plan = (changes: Partial<Parameters<typeof planPerson>[0]> = {}) =>
  planPerson({ ...situation, ...changes });

describe('a plan', () => {
  it('is to do nothing where Entra shows all of it', () => {
    expect(plan()).toEqual({ kind: 'unchanged', personId: 'p1' });
  });

  it('creates who is not there, with what is set', () => {
    expect(plan({ candidates: [] })).toMatchObject({
      kind: 'create',
      steps: [{ kind: 'create', properties: { employeeId: 'E1', displayName: 'Ada Lind' } }],
    });
  });

  it('changes only what differs', () => {
    const shown = {
      displayName: 'Ada Berg',
      jobTitle: 'Nurse',
      businessPhones: null,
      city: 'Oslo',
    };
    expect(plan({ candidates: [person({ properties: shown })] })).toEqual({
      kind: 'update',
      personId: 'p1',
      diff: {
        displayName: { from: 'Ada Berg', to: 'Ada Lind' },
        jobTitle: { from: 'Nurse', to: null },
      },
      steps: [{ kind: 'update', properties: { displayName: 'Ada Lind', jobTitle: null } }],
    });
  });

  it('takes an address in other letters and a date in another form for the same', () => {
    const properties = { mail: 'Ada@X.example', employeeHireDate: '2024-01-01T01:00:00.000Z' };
    const wanted = { mail: 'ada@x.example', employeeHireDate: '2024-01-01T01:00:00Z' };
    expect(plan({ desired: wanted, candidates: [person({ properties })] }).kind).toBe('unchanged');
  });

  it('sends the dates each by itself, and the manager last', () => {
    const wanted = {
      ...desired,
      employeeHireDate: '2024-01-01T01:00:00Z',
      employeeLeaveDateTime: '2030-01-01T23:00:00Z',
      jobTitle: 'Nurse',
    };
    const { steps } = plan({ desired: wanted, manager: { kind: 'known', id: 'm1' } }) as {
      steps: object[];
    };
    expect(steps).toEqual([
      { kind: 'update', properties: { jobTitle: 'Nurse' } },
      { kind: 'update', properties: { employeeHireDate: '2024-01-01T01:00:00Z' } },
      { kind: 'update', properties: { employeeLeaveDateTime: '2030-01-01T23:00:00Z' } },
      { kind: 'manager', managerId: 'm1' },
    ]);
  });

  it.each<[Manager, object[] | undefined]>([
    [{ kind: 'none' }, [{ kind: 'manager', managerId: null }]],
    [{ kind: 'known', id: 'm0' }, undefined],
    [{ kind: 'awaited', wanted: 'E9' }, undefined],
    [{ kind: 'unmapped' }, undefined],
  ])('with the manager %j and another one in Entra takes the steps %j', (manager, steps) => {
    const found = plan({ manager, candidates: [person({ managerId: 'm0' })] });
    expect('steps' in found ? found.steps : undefined).toEqual(steps);
  });

  it('does not send again what Entra does not let the app write', () => {
    const wanted = { ...desired, employeeHireDate: '2024-01-01T01:00:00Z' };
    expect(plan({ desired: wanted, unsupported: ['employeeHireDate'] }).kind).toBe('unchanged');
  });

  const elsewhere = buildEmployee({ workMail: 'ada@elsewhere.example' });
  const partner = buildEmployee({ workMail: 'ada@partner.example' });
  it.each([
    ['domainNotVerified', { employee: elsewhere }],
    ['federatedDomain', { employee: partner, candidates: [] }],
    ['twoCandidates', { candidates: [person(), person({ id: 'p2', employeeId: null })] }],
    ['workMailOfAnother', { candidates: [person({ employeeId: 'E7' })] }],
    ['onPremises', { candidates: [person({ isOnPremises: true })] }],
    ['managerCycle', { manager: { kind: 'cycle', path: ['E1', 'E2', 'E1'] } }],
    ['managerAmbiguous', { manager: { kind: 'ambiguous', wanted: 'E2' } }],
  ] as const)('refuses by the rule %s', (rule, changes) => {
    expect(plan(changes)).toMatchObject({ kind: 'refuse', refusal: { rule } });
  });

  it('changes a person of a federated domain who is there', () => {
    expect(plan({ employee: partner }).kind).toBe('unchanged');
  });
});
