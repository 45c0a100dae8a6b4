import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { explain } from '../../../src/hr/explain.ts';
import { connectHr } from '../../../src/hr/life.ts';
import { preview } from '../../../src/hr/preview.ts';
import { readStatus } from '../../../src/hr/status.ts';
import { until } from '../../support/until.ts';
import { openOffice, type Office } from './office.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
beforeEach(() => office.connect());
afterAll(() => office.close());

const writes = () => office.graph.stats.writes;
const existing = (properties: object) =>
  office.directory.createUser({ displayName: 'Somebody', ...properties });
const reasonOf = async (key: string) => (await office.reaches(key, 'refused')).reason?.rule;

describe('people of HR in Entra', () => {
  it('are found by work mail where Entra has no employee id, and get it', async () => {
    const id = existing({ mail: 'C1@northwind.example', jobTitle: 'Nurse' });
    await office.put('C1', { city: 'Oslo' });
    await office.reaches('C1', 'verified');
    expect(office.shown('C1')).toMatchObject([{ id, properties: { city: 'Oslo' } }]);
    expect(office.shown('C1')[0]?.properties).not.toHaveProperty('jobTitle');
  });

  it('are refused by name where they must not be touched', async () => {
    existing({ mail: 'C2@northwind.example', onPremisesSyncEnabled: true });
    existing({ mail: 'C3@northwind.example', employeeId: 'other' });
    existing({ mail: 'C4@northwind.example' });
    existing({ employeeId: 'C4' });
    const before = writes();
    for (const id of ['C2', 'C3', 'C4']) await office.put(id);
    await office.put('C5', { workMail: 'c5@pending.example' });
    await office.put('C6', { workMail: 'c6@federated.northwind.example' });
    expect(await reasonOf('C2')).toBe('onPremises');
    expect(await reasonOf('C3')).toBe('workMailOfAnother');
    expect(await reasonOf('C4')).toBe('twoCandidates');
    expect(await reasonOf('C5')).toBe('domainNotVerified');
    expect(await reasonOf('C6')).toBe('federatedDomain');
    expect(writes()).toBe(before);
  });

  it('who were refused are looked at again when they are sent again', async () => {
    const [blocking] = office.directory
      .snapshot()
      .users.filter(({ properties }) => properties['mail'] === 'C4@northwind.example');
    office.directory.updateUser(blocking!.id, { mail: null });
    await office.put('C4');
    await office.reaches('C4', 'verified');
  });

  it('whose address belongs to another object are refused', async () => {
    existing({ mail: 'x@northwind.example', proxyAddresses: ['smtp:C7@northwind.example'] });
    await office.put('C7');
    expect(await reasonOf('C7')).toBe('valueTaken');
  });

  it('who were deleted in Entra are not made again by themselves', async () => {
    await office.put('C8');
    const { objectId } = await office.reaches('C8', 'verified');
    office.directory.deleteUser(objectId!);
    await office.put('C8', { city: 'Oslo' });
    expect(await reasonOf('C8')).toBe('goneFromEntra');
  });

  it('never have their account enabled or disabled again', async () => {
    await office.put('C9');
    const { objectId } = await office.reaches('C9', 'verified');
    office.directory.updateUser(objectId!, { accountEnabled: false });
    await office.put('C9', { title: 'Nurse' });
    await office.reaches('C9', 'verified');
    expect(office.shown('C9')[0]?.properties).toMatchObject({
      jobTitle: 'Nurse',
      accountEnabled: false,
    });
  });

  it('go without a hire date where Entra does not let an app write it', async () => {
    office.graph.faults.refusesHireDate = true;
    await office.put('D1', { hireDate: '2024-01-01', leaveDate: '2030-01-01' });
    const record = await office.reaches('D1', 'verified');
    office.graph.faults.refusesHireDate = false;
    expect(record.unsupported).toEqual(['employeeHireDate']);
    expect(office.shown('D1')[0]?.properties).toHaveProperty('employeeLeaveDateTime');
  });

  it('are made where a tenant takes the employee id by a change only', async () => {
    office.graph.faults.refusesEmployeeIdAtCreation = true;
    await office.put('D2');
    await office.reaches('D2', 'verified');
    office.graph.faults.refusesEmployeeIdAtCreation = false;
    expect(office.shown('D2')).toHaveLength(1);
  });

  it('who are read back and do not show are dead-lettered in the end, and explained', async () => {
    await office.put('D3');
    await office.reaches('D3', 'verified');
    office.graph.faults.ignoredWriteRate = 1;
    await office.put('D3', { city: 'Lund' });
    await office.reaches('D3', 'failed');
    office.graph.faults.ignoredWriteRate = 0;
    const found = await explain(office.tenantId, 'd3@northwind.example', office.hr.store);
    expect(found).toMatchObject({
      employeeId: 'D3',
      trouble: expect.stringContaining('city'),
      log: expect.arrayContaining([expect.objectContaining({ did: 'created' })]),
    });
    expect(JSON.stringify(found)).not.toContain('Lund');
  });

  it('come through throttling and broken answers all the same', async () => {
    Object.assign(office.graph.faults, { throttleRate: 0.2 });
    await office.put('D4', { city: 'Lund' });
    await until(() => office.shown('D4').length === 1);
    Object.assign(office.graph.faults, { throttleRate: 0 });
    expect(office.shown('D4')).toHaveLength(1);
  });

  it('tell other processes what they spend of the quota of writes', async () => {
    const demands = office.stack.connections.db.collection('demands');
    const budget = `tenants.${office.tenantId} HR writes`;
    let city = 0;
    // A process tells it four times a second, and takes it back once it has nothing more to write.
    await until(async () => {
      city += 1;
      await office.put('D4', { city: `City ${city}` });
      return demands.countDocuments({ [budget]: { $exists: true } });
    });
    await office.reaches('D4', 'verified');
    expect(office.shown('D4')).toHaveLength(1);
  });

  it('are made once though many workers are told at once', async () => {
    const { records } = office.hr.store;
    await office.put('D5');
    const claims = await Promise.all(
      [1, 2, 3].map(() => records.claim(office.tenantId, 'D5', 500)),
    );
    expect(claims.filter((claim) => typeof claim === 'object').length).toBeLessThanOrEqual(1);
    await office.reaches('D5', 'verified');
    expect(office.shown('D5')).toHaveLength(1);
  });
});

describe('the log', () => {
  it('tells of the writes, and of nobody and no secret', () => {
    const text = office.logged();
    expect(text.includes('"status":201')).toBe(true);
    const told = text.match(/Lind|northwind\.example|Oslo|password|Bearer|hr_[\w-]{40}/i);
    expect(told).toBeNull();
  });
});

describe('a preview', () => {
  it('says what would be written to whom, and writes nothing', async () => {
    const connection = (await office.hr.store.connections.current(office.tenantId))!;
    const before = writes();
    const plans = await preview(
      office.tenantId,
      [
        { employeeId: 'C9', workMail: 'C9@northwind.example', firstName: 'Ada', lastName: 'Lind' },
        { employeeId: 'P1', workMail: 'P1@northwind.example', firstName: 'Pia', lastName: 'Ros' },
        { employeeId: 'P2' },
        { employeeId: 'P3', workMail: 'p@x.example', firstName: 'Pia', lastName: 'Ros' },
      ],
      office.hr.directoryOf(connection),
      office.hr,
    );
    expect(plans).toMatchObject([
      { kind: 'update', diff: { jobTitle: { from: 'Nurse', to: null } } },
      { kind: 'create', diff: { mailNickname: { to: 'pia.ros' } } },
      { kind: 'invalid', problems: [{ field: 'workMail' }, { field: 'firstName' }, {}] },
      { kind: 'refuse', refusal: { rule: 'domainNotVerified' } },
    ]);
    expect(writes()).toBe(before);
  });
});

describe('a connection', () => {
  it('says what it may, and what waits', async () => {
    const status = await readStatus(office.tenantId, office.hr.store, office.hr.directoryOf);
    expect(status).toMatchObject({ connected: true, token: 'ok', missing: [], problem: null });
    expect(status.people).toMatchObject({ refused: 6 });
  });

  it('is refused to an app that may only read', async () => {
    const made = await connectHr(office.tenantId, { clientId: 'entra-mirror' }, office.hr);
    expect(made.problem).toMatch(/Grant Organization\.Read\.All, User\.ReadWrite\.All/);
  });

  it('that ends stops what is under way and forgets token and credentials', async () => {
    const token = office.shownToken();
    expect(await office.disconnect()).toBe(true);
    expect((await office.put('E1')).status).toBe(401);
    const stored = await office.stack.connections.db.collection('hrConnections').findOne({});
    expect(stored).toMatchObject({ clientId: null, sealedSecret: null, tokenHash: null });
    expect(await readStatus(office.tenantId, office.hr.store, office.hr.directoryOf)).toMatchObject(
      {
        connected: false,
      },
    );
    await office.connect();
    expect(office.shownToken()).not.toBe(token);
  });
});
