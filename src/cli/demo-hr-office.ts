import type { Connection } from '../hr/connections.ts';
import { requestPeople } from '../hr/hint.ts';
import { connectHr, disconnectHr } from '../hr/life.ts';
import { preview } from '../hr/preview.ts';
import type { Directory, StoredRecord } from '../hr/types.ts';
import { openAll } from '../ops/shutdown.ts';
import { startProvisioner, type Hr } from '../roles/hr.ts';
import { until, type Stage } from './demo.ts';

/** A record as an HR system sends it. */
export type HrRecord = Record<string, string | null> & { employeeId: string; workMail: string };
export type DemoHr = ReturnType<typeof startDemoHr>;

const stepLimitMs = 45_000;

/** An HR system that talks to the API as a real one would, and a worker that may be killed. */
export function startDemoHr(stage: Stage) {
  const { running, connections, graph } = stage;
  const { tenantId } = connections;
  const hr = running.hr;
  if (!hr) throw new Error('The demo needs the role api.');
  const wanted = new Map<string, HrRecord>();
  let token = '';
  const workers = demoWorkers(stage, hr);
  const ask = createSender(running.url, () => token);
  const recordOf = (employeeId: string) => hr.store.records.find(tenantId, employeeId);

  return {
    ...{ stage, hr, wanted, ask, ...workers, recordOf, graph },
    async connect() {
      const made = await connectHr(tenantId, { clientId: 'entra-mirror-hr' }, hr);
      if (!('intakeToken' in made)) throw new Error(made.problem);
      token = made.intakeToken;
    },
    disconnect: () => disconnectHr(tenantId, hr),
    /** Sends a record and remembers it as what Entra shall show. */
    async put(record: HrRecord) {
      const { status, body } = await ask('PUT', `/employees/${record.employeeId}`, record);
      if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
      wanted.set(record.employeeId, record);
      return body;
    },
    async plan(records: readonly HrRecord[]) {
      const connection = await hr.store.connections.current(tenantId);
      if (!connection) throw new Error('not connected');
      return preview(tenantId, records, hr.directoryOf(connection), hr);
    },
    reaches: (employeeId: string, test: (record: StoredRecord) => boolean) =>
      until(stepLimitMs, async () => {
        const record = await recordOf(employeeId);
        return record !== null && test(record);
      }),
    shown: (employeeId: string) => shownIn(stage, employeeId),
    /** Waits until every record is verified; what HR and Entra differ in then. */
    async settle(): Promise<string[]> {
      const isAtRest = async (id: string) => (await recordOf(id))?.state === 'verified';
      await until(stepLimitMs, async () =>
        (await Promise.all([...wanted.keys()].map(isAtRest))).every(Boolean),
      ).catch(() => undefined);
      return [...wanted.values()].flatMap((record) => differencesOf(record, stage));
    },
    /** Has every person looked at until the mirror has shown what we wrote. */
    seenInMirror: () =>
      until(stepLimitMs, async () => {
        const records = await Promise.all([...wanted.keys()].map(recordOf));
        const unseen = records.filter((record) => record?.mirroredAt === null);
        const ids = unseen.flatMap((record) => (record ? [record.employeeId] : []));
        await requestPeople(hr, tenantId, ids);
        return unseen.length === 0;
      }),
    close: () => workers.stopWorker(),
  };
}

/** Calls of HR's API as an HTTP client makes them. */
function createSender(url: string, token: () => string) {
  return async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/hr${path}`, {
      method,
      headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
}

function demoWorkers({ connections }: Stage, hr: Hr) {
  let worker: { close(): Promise<void> } | undefined;
  const start = async (changed: Partial<Hr> = {}) => {
    worker = await openAll(connections.log, async (closers) => {
      startProvisioner({ ...hr, ...changed }, connections, closers, { deadlineMs: 500 });
      return {};
    });
  };
  return {
    startWorker: () => start(),
    /** A worker whose process dies after Entra took a new person, before anything was noted. */
    startDyingWorker: () => start({ directoryOf: dyingAfterCreate(hr.directoryOf) }),
    async stopWorker() {
      await worker?.close();
      worker = undefined;
    },
  };
}

function dyingAfterCreate(directoryOf: (connection: Connection) => Directory) {
  return (connection: Connection): Directory => {
    const directory = directoryOf(connection);
    return {
      ...directory,
      create: async (body) => {
        await directory.create(body);
        return new Promise(() => undefined);
      },
    };
  };
}

/** A person in Entra, straight from the local directory. */
function shownIn({ graph }: Stage, employeeId: string) {
  const { users, managers } = graph.directory.snapshot();
  const all = users.filter(
    ({ state, properties }) => state === 'active' && properties['employeeId'] === employeeId,
  );
  const [person] = all;
  const managerId = managers.find(({ userId }) => userId === person?.id)?.managerId;
  return { count: all.length, id: person?.id, properties: person?.properties ?? {}, managerId };
}

/** The contract once more, in the words of the request and without the product's table. */
function expected(record: HrRecord): Record<string, unknown> {
  const text = (field: string) => record[field] ?? undefined;
  const phone = text('workPhone');
  return {
    ...{ givenName: text('firstName'), surname: text('lastName'), mail: record.workMail },
    displayName: `${text('firstName') ?? ''} ${text('lastName') ?? ''}`,
    ...{ userPrincipalName: record.workMail, streetAddress: text('street') },
    ...{ postalCode: text('zip'), city: text('city'), country: text('country') },
    ...{ jobTitle: text('title'), companyName: text('organisation') },
    ...{ officeLocation: text('office'), department: text('department') },
    businessPhones: phone === undefined ? undefined : [phone],
    employeeHireDate: record['hireDate'] ? `${record['hireDate']}T01:00:00Z` : undefined,
    employeeLeaveDateTime: record['leaveDate'] ? `${record['leaveDate']}T23:00:00Z` : undefined,
  };
}

function differencesOf(record: HrRecord, stage: Stage): string[] {
  const { count, properties, managerId } = shownIn(stage, record.employeeId);
  const manager = record['reportsTo'] ? shownIn(stage, record['reportsTo']).id : undefined;
  const wrong = Object.entries(expected(record))
    .filter(([name, value]) => printed(properties[name]) !== printed(value))
    .map(([name]) => name);
  if (managerId !== manager) wrong.push('manager');
  if (count !== 1) wrong.push(`${count} people`);
  return wrong.map((name) => `${record.employeeId}: ${name}`);
}

const printed = (value: unknown): string =>
  Array.isArray(value) && value.length === 0 ? 'null' : JSON.stringify(value ?? null);
