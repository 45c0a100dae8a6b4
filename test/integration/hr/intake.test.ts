import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decideImport } from '../../../src/hr/decide-import.ts';
import { readEmployee } from '../../../src/hr/employee.ts';
import { acceptOne } from '../../../src/hr/intake.ts';
import { until } from '../../support/until.ts';
import { openOffice, type Office } from './office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  await office.connect();
});
afterAll(() => office.close());

const one = (employeeId: string, changes: object = {}) => ({
  ...{ employeeId, workMail: `${employeeId}@northwind.example` },
  ...{ firstName: 'Mila', lastName: `Nord-${employeeId}`, ...changes },
});
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => one(`N${from + index}`));

describe("HR's intake", () => {
  it('lets nobody in without the token', async () => {
    expect((await office.ask('PUT', '/employees/A1', one('A1'), 'guess')).status).toBe(401);
    expect((await office.ask('DELETE', '/employees/A1', undefined, '')).status).toBe(401);
  });

  it('names every wrong field with 422, and nothing comes of the record', async () => {
    const { status, body } = await office.put('A1', { firstName: '', hireDate: 'soon', shoe: 43 });
    expect(status).toBe(422);
    const { problems } = body as { problems: { field: string }[] };
    expect(problems.map(({ field }) => field)).toEqual(['firstName', 'hireDate', 'shoe']);
    expect(await office.record('A1')).toBeNull();
  });

  it('refuses a body that names another employee than the address, and one that is not JSON', async () => {
    expect((await office.put('A1', { employeeId: 'A2' })).status).toBe(422);
    expect((await office.ask('PUT', '/employees/A1', '{"workMail":')).status).toBe(400);
  });

  it('answers 202 once the record is stored and queued, and takes the same record twice for one change', async () => {
    const first = await office.put('A1', { lastName: 'Alm' });
    expect(first).toMatchObject({ status: 202, body: { status: 'accepted' } });
    await office.reaches('A1', 'verified');
    const again = await office.put('A1', { lastName: 'Alm' });
    expect(again).toMatchObject({ status: 202, body: { status: 'unchanged' } });
    expect(await office.record('A1')).toMatchObject({ revision: 1 });
  });

  it('accepts nothing that the queue does not take, and takes it when it comes again', async () => {
    const publish = async () => {
      throw new Error('the queue is away');
    };
    const read = readEmployee(one('A9'));
    if (read.kind !== 'valid') throw new Error('not valid');
    const accepted = acceptOne(office.tenantId, read.employee, { ...office.hr, publish });
    await expect(accepted).rejects.toThrow('the queue is away');
    const { body } = await office.ask('PUT', '/employees/A9', one('A9'));
    expect(body).toMatchObject({ status: 'accepted' });
    await office.reaches('A9', 'verified');
  });

  it('asks again for a record whose message was lost', async () => {
    const read = readEmployee(one('A8'));
    if (read.kind !== 'valid') throw new Error('not valid');
    const publish = async () => undefined;
    await acceptOne(office.tenantId, read.employee, { ...office.hr, publish });
    await office.reaches('A8', 'verified');
  });

  it('gives namesakes of one import a nickname each', async () => {
    const employees = [1, 2, 3, 4].map((each) => one(`T${each}`, { lastName: 'Same' }));
    await office.ask('POST', '/employees:batch', { employees });
    for (const { employeeId } of employees) await office.reaches(employeeId, 'verified');
    const names = employees.map(
      (each) => office.shown(each.employeeId)[0]?.properties['mailNickname'],
    );
    expect(names.sort()).toEqual(['mila.same', 'mila.same2', 'mila.same3', 'mila.same4']);
  });

  it('gives each record of a batch its own result', async () => {
    const employees = [one('B1'), one('B2', { lastName: null }), one('B1', { lastName: 'Twice' })];
    const { status, body } = await office.ask('POST', '/employees:batch', { employees });
    expect(status).toBe(202);
    expect(body['results']).toMatchObject([
      { employeeId: 'B1', status: 'accepted' },
      { employeeId: 'B2', status: 'invalid', problems: [{ field: 'lastName' }] },
      { employeeId: 'B1', status: 'invalid', problems: [{ field: 'employeeId' }] },
    ]);
    const none = { employees: [{}] };
    expect((await office.ask('POST', '/employees:batch', none)).status).toBe(422);
    const tooMany = { employees: Array.from({ length: 1_001 }, () => ({})) };
    expect((await office.ask('POST', '/employees:batch', tooMany)).status).toBe(422);
  });

  it('holds an import that changes more than 20 of few people, until a person approves', async () => {
    const sent = await office.ask('POST', '/employees:batch', { employees: many(21) });
    expect(sent.body).toMatchObject({ state: 'held' });
    await office.reaches('N20', 'held');
    expect(office.shown('N0')).toEqual([]);
    const approved = await decideImport(String(sent.body['importId']), 'approve', office.hr);
    expect(approved).toBe(21);
    await office.reaches('N20', 'verified');
  });

  it('counts an import over all its parts, and writes nothing before the last one', async () => {
    const part = (from: number, more: boolean) =>
      office.ask('POST', `/employees:batch?import=parts&more=${more}`, {
        employees: many(12, from),
      });
    expect((await part(100, true)).body).toMatchObject({ state: 'gathering' });
    expect(office.shown('N100')).toEqual([]);
    expect((await part(112, false)).body).toMatchObject({ state: 'held' });
    await office.reaches('N100', 'held');
    expect(await decideImport('parts', 'reject', office.hr)).toBe(24);
    expect((await part(124, false)).status).toBe(409);
    expect(office.shown('N100')).toEqual([]);
  });

  it('takes a rejected record that comes again for a new wish', async () => {
    expect(await office.ask('PUT', '/employees/N100', one('N100'))).toMatchObject({
      body: { status: 'accepted' },
    });
    await office.reaches('N100', 'verified');
  });

  it('forgets who is deleted in HR, and leaves Entra as it is', async () => {
    expect((await office.ask('DELETE', '/employees/B1')).status).toBe(202);
    await until(async () => (await office.record('B1')) === null);
    expect(office.shown('B1')).toHaveLength(1);
    expect((await office.ask('DELETE', '/employees/B1')).status).toBe(404);
  });
});
