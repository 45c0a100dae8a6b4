import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../src/ops/clock.ts';
import { createFigures } from '../../src/ops/figures.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { connectHr } from '../../src/hr/life.ts';
import { roleNames, startRoles, type RoleName, type Running } from '../../src/roles/start.ts';
import { createConnections } from '../../src/scim/connections/manage.ts';
import { openScimStore } from '../../src/scim/store.ts';
import { openFrontDoor } from '../support/front-door.ts';
import { startProgram } from '../support/mirror-process.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** No other wait is this long, so that a clock can tell it. */
const drainMs = 2_001;
let stack: TestStack;
type FrontDoor = Awaited<ReturnType<typeof openFrontDoor>>;
let door: FrontDoor;
/** Where HR and Entra's provisioning service knock. */
let apiDoor: FrontDoor;
const running = new Map<RoleName, Running>();

beforeAll(async () => {
  door = await openFrontDoor();
  apiDoor = await openFrontDoor();
  const company = { users: 12, groups: 3 };
  stack = await startTestStack({
    ...company,
    roles: [],
    publicUrl: door.url,
    timings: { drainMs },
  });
  for (const role of roleNames) await replace(role);
  await stack.live();
});
afterAll(async () => {
  for (const process of running.values()) await process.close();
  await stack.close();
  await door.close();
  await apiDoor.close();
});

const doorOf = (role: RoleName): FrontDoor | undefined =>
  role === 'receiver' ? door : role === 'api' ? apiDoor : undefined;

/** Starts a process with this role, waits until it is ready, and only then stops the one before. */
async function replace(role: RoleName): Promise<void> {
  const before = running.get(role);
  const next: Running = await startRoles([role], {
    ...stack.connections,
    ...{ instanceId: randomUUID(), metrics: createMetrics(), figures: createFigures() },
    clock: drainedBy(() => next.url, doorOf(role)),
  });
  running.set(role, next);
  await open(next.url, doorOf(role));
  await before?.close();
  if (before) doorOf(role)?.remove(before.url);
}

/**
 * The drain lasts as long as the front door needs to look elsewhere: on a machine so busy that it looks
 * seldom, a process that goes by time alone would close while it is still chosen.
 */
function drainedBy(url: () => string, behind: FrontDoor | undefined): Clock {
  const left = () => until(() => !behind || behind.isLeft(url()), { timeoutMs: 60_000 });
  return {
    ...systemClock,
    sleep: async (ms, signal) => {
      await (ms === drainMs ? left() : systemClock.sleep(ms, signal));
    },
  };
}

async function open(url: string, by: FrontDoor | undefined): Promise<void> {
  by?.add(url);
  await until(() => !by || by.isReady(url), { timeoutMs: 60_000 });
}

const hasAnswered = (url: string, by = door) => {
  const before = by.answeredBy(url);
  return until(() => by.answeredBy(url) > before, { timeoutMs: 60_000 });
};

/** Changes the directory until `work` is done; then the mirror must be equal, and Graph have seen no error. */
async function underLoad(work: () => Promise<unknown>): Promise<void> {
  const changing = setInterval(() => stack.connections.local!.changeAtRandom(), 100);
  try {
    await work();
  } finally {
    clearInterval(changing);
  }
  await stack.equal();
  expect(door.errors).toEqual([]);
}

/** Sends people as HR and as Entra do until `work` is done; every one must be taken, and reach Entra. */
async function underSending(work: () => Promise<unknown>): Promise<void> {
  const { db, clock, tenantId } = stack.connections;
  const hr = await connectHr(tenantId, { clientId: 'entra-mirror-hr' }, running.get('api')!.hr!);
  const token = 'intakeToken' in hr ? hr.intakeToken : '';
  const store = await openScimStore({ db, clock });
  const connections = createConnections({ store, now: () => new Date(clock.now()) });
  const { connection, secret = '' } = await connections.create({ name: 'Acme', mode: 'scim' });
  const answers: Promise<number>[] = [];
  const send = async (method: string, path: string, shown: string, body: object) => {
    const headers = { authorization: `Bearer ${shown}`, 'content-type': 'application/json' };
    const options = { method, headers, body: JSON.stringify(body) };
    return (await fetch(`${apiDoor.url}${path}`, options)).status;
  };
  const sendOne = () => {
    const name = randomUUID().slice(0, 8);
    const employee = { firstName: 'Ada', lastName: 'Lind', workMail: `${name}@northwind.example` };
    answers.push(
      send('PUT', `/hr/employees/${name}`, token, employee),
      send('POST', `/scim/v2/${connection._id}/Users`, secret, {
        userName: name,
        externalId: name,
      }),
    );
  };
  const sending = setInterval(sendOne, 300);
  try {
    await work();
  } finally {
    clearInterval(sending);
  }
  const statuses = new Set(await Promise.all(answers));
  expect([...statuses].sort()).toEqual([201, 202]);
  const waiting = { state: { $nin: ['written', 'verified'] } };
  const left = () => db.collection('hrEmployees').countDocuments(waiting);
  await until(async () => (await left()) === 0, { timeoutMs: 120_000 });
  expect(apiDoor.errors).toEqual([]);
}

/** `node dist/main.js start` on the servers of the stack. */
function startProcess() {
  const { connections, graph } = stack;
  const { local, config, tenantId } = connections;
  return startProgram(['start', 'receiver', 'worker'], {
    AZURE_TENANT_ID: tenantId,
    GRAPH_BASE_URL: graph.url,
    MONGODB_URI: process.env['MONGODB_URI'] ?? local!.mongo!.uri,
    MONGODB_DATABASE: config.database,
    SERVICEBUS_CONNECTION_STRING:
      process.env['SERVICEBUS_CONNECTION_STRING'] ?? local!.serviceBus!.connectionString,
    PUBLIC_URL: door.url,
    PORT: '0',
  });
}

describe('a rolling restart under load', () => {
  it.each<RoleName>(['receiver', 'worker', 'scheduler'])(
    'of the %s loses nothing and shows Graph no error',
    async (role) => {
      const receiver = () => running.get('receiver')!.url;
      await underLoad(async () => {
        await hasAnswered(receiver());
        await replace(role);
        await hasAnswered(receiver());
      });
    },
    120_000,
  );

  it('of api and provisioner takes all that HR and Entra send, and brings it where it belongs', async () => {
    const api = () => running.get('api')!.url;
    await underSending(async () => {
      await hasAnswered(api(), apiDoor);
      await replace('provisioner');
      await replace('api');
      await hasAnswered(api(), apiDoor);
    });
  }, 200_000);

  it('of a real process with two roles, by SIGTERM, loses nothing and shows Graph no error', async () => {
    const one = startProcess();
    const port = await until(() => /"port":(\d+),"msg":"roles started"/.exec(one.output())?.[1], {
      timeoutMs: 60_000,
    });
    const url = `http://127.0.0.1:${port}`;
    await open(url, door);
    await underLoad(async () => {
      await hasAnswered(url);
      expect(await one.stop('SIGTERM')).toBe(0);
    });
  });
});
