import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock, type Clock } from '../../src/ops/clock.ts';
import { createFigures } from '../../src/ops/figures.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { startRoles, type RoleName, type Running } from '../../src/roles/start.ts';
import { openFrontDoor } from '../support/front-door.ts';
import { startProgram } from '../support/mirror-process.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** No other wait is this long, so that a clock can tell it. */
const drainMs = 2_001;
let stack: TestStack;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
const running = new Map<RoleName, Running>();

beforeAll(async () => {
  door = await openFrontDoor();
  const company = { users: 12, groups: 3 };
  stack = await startTestStack({
    ...company,
    roles: [],
    publicUrl: door.url,
    timings: { drainMs },
  });
  for (const role of ['receiver', 'worker', 'scheduler'] as const) await replace(role);
  await stack.live();
});
afterAll(async () => {
  for (const process of running.values()) await process.close();
  await stack.close();
  await door.close();
});

/** Starts a process with this role, waits until it is ready, and only then stops the one before. */
async function replace(role: RoleName): Promise<void> {
  const before = running.get(role);
  const next: Running = await startRoles([role], {
    ...stack.connections,
    ...{ instanceId: randomUUID(), metrics: createMetrics(), figures: createFigures() },
    clock: drainedBy(() => next.url),
  });
  running.set(role, next);
  if (role === 'receiver') await open(next.url);
  await before?.close();
  if (before) door.remove(before.url);
}

/**
 * The drain lasts as long as the front door needs to look elsewhere: on a machine so busy that it looks
 * seldom, a process that goes by time alone would close while it is still chosen.
 */
function drainedBy(url: () => string): Clock {
  const left = () => until(() => door.isLeft(url()), { timeoutMs: 60_000 });
  return {
    ...systemClock,
    sleep: async (ms, signal) => {
      await (ms === drainMs ? left() : systemClock.sleep(ms, signal));
    },
  };
}

async function open(url: string): Promise<void> {
  door.add(url);
  await until(() => door.isReady(url), { timeoutMs: 60_000 });
}

const hasAnswered = (url: string) => {
  const before = door.answeredBy(url);
  return until(() => door.answeredBy(url) > before, { timeoutMs: 60_000 });
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

  it('of a real process with two roles, by SIGTERM, loses nothing and shows Graph no error', async () => {
    const one = startProcess();
    const port = await until(() => /"port":(\d+),"msg":"roles started"/.exec(one.output())?.[1], {
      timeoutMs: 60_000,
    });
    const url = `http://127.0.0.1:${port}`;
    await open(url);
    await underLoad(async () => {
      await hasAnswered(url);
      expect(await one.stop('SIGTERM')).toBe(0);
    });
  });
});
