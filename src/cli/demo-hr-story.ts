import { decideImport } from '../hr/decide-import.ts';
import type { DemoHr, HrRecord } from './demo-hr-office.ts';

/** One thing that happens; it throws where it does not end as it should. */
export interface Step {
  title: string;
  run: (hr: DemoHr) => Promise<void>;
}

const person = (
  employeeId: string,
  firstName: string,
  lastName: string,
  more: Record<string, string | null> = {},
): HrRecord => ({
  employeeId,
  firstName,
  lastName,
  workMail: `${employeeId.toLowerCase()}@northwind.example`,
  ...more,
});

const boss = person('H1', 'Łucja', 'Grønbæk', {
  title: 'Managing Director',
  hireDate: '2020-03-01',
});
const clerk = person('H2', 'Bo', 'Ek', { reportsTo: 'H1', city: 'Lund', leaveDate: '2031-06-30' });
const changed: HrRecord = {
  ...{ employeeId: 'H2', workMail: 'bo.ekman@northwind.example', firstName: 'Bosse' },
  ...{ lastName: 'Ekman', street: 'Storgatan 1', zip: '22222', city: 'Malmö', country: 'Sweden' },
  ...{ reportsTo: 'H3', title: 'Buyer', organisation: 'Northwind AB', office: 'M-12' },
  ...{ department: 'Purchasing', workPhone: '+46 40 1234', hireDate: '2024-01-15' },
  leaveDate: '2032-01-31',
};
const namesake = person('H4', 'Bosse', 'Ekman');
const survivor = person('H6', 'Cai', 'Dahl', { reportsTo: 'H1' });

function check(isRight: boolean, seen: unknown): void {
  if (!isRight) throw new Error(`seen: ${JSON.stringify(seen)}`);
}

const isWritten = ({ state }: { state: string }) => state === 'written' || state === 'verified';

/** Puts a record and waits until Entra has it. */
async function bring(hr: DemoHr, record: HrRecord): Promise<void> {
  await hr.put(record);
  await hr.reaches(
    record.employeeId,
    (stored) => stored.revision === stored.doneRevision && isWritten(stored),
  );
}

export const story: readonly Step[] = [
  {
    title: 'without a connection HR is refused',
    run: async (hr) => {
      const { status } = await hr.ask('PUT', '/employees/H1', boss);
      check(status === 401, status);
    },
  },
  {
    title: 'a connection is turned on; a plan says what it would do and writes nothing',
    run: async (hr) => {
      await hr.connect();
      await hr.startWorker();
      const plans = await hr.plan([boss]);
      check(plans[0]?.kind === 'create' && hr.graph.stats.writes === 0, plans);
    },
  },
  {
    title: 'a record without a first name is refused by name, and nothing comes of it',
    run: async (hr) => {
      const { status, body } = await hr.ask('PUT', '/employees/H9', {
        ...person('H9', '', 'Berg'),
      });
      check(status === 422 && JSON.stringify(body).includes('"firstName"'), body);
      check((await hr.recordOf('H9')) === null, 'stored');
    },
  },
  {
    title: 'two people are onboarded, one reporting to the other',
    run: async (hr) => {
      await Promise.all([bring(hr, clerk), bring(hr, boss)]);
      await hr.reaches('H2', ({ waitsFor, doneRevision }) => waitsFor === null && doneRevision > 0);
      const { properties } = hr.shown('H1');
      check(properties['mailNickname'] === 'lucja.gronbaek', properties);
      check(properties['accountEnabled'] === true, properties);
    },
  },
  {
    title: 'the same record once more is no change',
    run: async (hr) => {
      const before = hr.graph.stats.writes;
      const body = await hr.put(boss);
      check(body['status'] === 'unchanged' && hr.graph.stats.writes === before, body);
    },
  },
  {
    title: 'every field changes, and the manager is somebody who comes later',
    run: async (hr) => {
      await bring(hr, changed);
      await hr.reaches('H2', ({ waitsFor }) => waitsFor === 'h3');
      await bring(hr, person('H3', 'Disa', 'Holm'));
      await hr.reaches('H2', ({ waitsFor }) => waitsFor === null);
    },
  },
  {
    title: 'the manager is cleared, and set again',
    run: async (hr) => {
      await bring(hr, { ...changed, reportsTo: null });
      check(hr.shown('H2').managerId === undefined, hr.shown('H2').managerId);
      await bring(hr, changed);
    },
  },
  {
    title: 'a leave date lies in the past, and the account stays as it is',
    run: async (hr) => {
      await bring(hr, { ...changed, leaveDate: '2025-02-28' });
      const { properties } = hr.shown('H2');
      check(properties['employeeLeaveDateTime'] === '2025-02-28T23:00:00Z', properties);
      check(properties['accountEnabled'] === true, properties);
    },
  },
  {
    title: 'a work mail outside of the verified domains is refused with that reason',
    run: async (hr) => {
      const stranger = { ...person('H5', 'Elke', 'Falk'), workMail: 'elke@elsewhere.example' };
      await hr.ask('PUT', '/employees/H5', stranger);
      await hr.reaches('H5', ({ reason }) => reason?.rule === 'domainNotVerified');
      check(hr.shown('H5').count === 0, 'written');
    },
  },
  {
    title: 'a namesake gets the next nickname',
    run: async (hr) => {
      await bring(hr, namesake);
      const { properties } = hr.shown('H4');
      check(properties['mailNickname'] === 'bosse.ekman2', properties);
    },
  },
  {
    title: 'a circle of managers is refused',
    run: async (hr) => {
      await hr.ask('PUT', '/employees/H1', { ...boss, reportsTo: 'H6' });
      await hr.put(survivor);
      await hr.reaches('H6', ({ reason }) => reason?.rule === 'managerCycle');
      await bring(hr, boss);
      await bring(hr, survivor);
    },
  },
  {
    title: 'a worker dies between the write and its acknowledgement; nobody is made twice',
    run: async (hr) => {
      await hr.stopWorker();
      await hr.startDyingWorker();
      await hr.put(person('H7', 'Greta', 'Hjort', { reportsTo: 'H1' }));
      await hr.reaches('H7', () => hr.shown('H7').count === 1);
      await hr.stopWorker();
      await hr.startWorker();
      await hr.reaches('H7', isWritten);
      check(hr.shown('H7').count === 1, hr.shown('H7').count);
    },
  },
  {
    title: 'what Entra took and does not show is written again',
    run: async (hr) => {
      hr.graph.faults.ignoredWriteRate = 1;
      await bring(hr, person('H3', 'Disa', 'Holm', { city: 'Visby' }));
      hr.graph.faults.ignoredWriteRate = 0;
      await hr.reaches('H3', ({ state }) => state === 'verified');
      check(hr.shown('H3').properties['city'] === 'Visby', hr.shown('H3').properties['city']);
    },
  },
  {
    title: 'an import that changes too many is held, and written once a person approves',
    run: approveImport,
  },
  {
    title: 'our own writes are recognised when they come back, and cause no further one',
    run: async (hr) => {
      await hr.settle();
      const before = hr.graph.stats.writes;
      await hr.seenInMirror();
      check(hr.graph.stats.writes === before, hr.graph.stats.writes - before);
    },
  },
  {
    title: 'disconnected, HR is refused at once and the credentials are forgotten',
    run: async (hr) => {
      await hr.disconnect();
      const { status } = await hr.ask('PUT', '/employees/H1', boss);
      check(status === 401, status);
    },
  },
];

async function approveImport(hr: DemoHr): Promise<void> {
  const employees = Array.from({ length: 21 }, (_, index) =>
    person(`M${index}`, 'Mila', `Nord${index}`, { reportsTo: 'H1' }),
  );
  const { body } = await hr.ask('POST', '/employees:batch', { employees });
  check(body['state'] === 'held', body);
  check(hr.shown('M0').count === 0, 'written');
  await decideImport(String(body['importId']), 'approve', hr.hr);
  for (const employee of employees) hr.wanted.set(employee.employeeId, employee);
  for (const { employeeId } of employees) await hr.reaches(employeeId, isWritten);
}
