import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFigures } from '../../src/ops/figures.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { startRoles, type RoleName, type Running } from '../../src/roles/start.ts';
import { openFrontDoor } from '../support/front-door.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
let door: Awaited<ReturnType<typeof openFrontDoor>>;
const running = new Map<RoleName, Running>();

beforeAll(async () => {
  door = await openFrontDoor();
  const timings = { drainMs: 2_000 };
  stack = await startTestStack({ users: 40, groups: 6, roles: [], publicUrl: door.url, timings });
  for (const role of ['receiver', 'worker', 'scheduler'] as const) await replace(role);
  await stack.live();
}, 90_000);
afterAll(async () => {
  for (const process of running.values()) await process.close();
  await stack.close();
  await door.close();
});

/** Starts a process with this role, waits until it is ready, and only then stops the one before. */
async function replace(role: RoleName): Promise<void> {
  const before = running.get(role);
  const metrics = createMetrics();
  const own = { instanceId: randomUUID(), metrics, figures: createFigures() };
  const next = await startRoles([role], { ...stack.connections, ...own });
  running.set(role, next);
  if (role === 'receiver') {
    door.add(next.url);
    await until(() => door.isReady(next.url));
  }
  await before?.close();
  if (before) door.remove(before.url);
}

/** Changes the directory until `work` is done. */
async function underLoad(work: () => Promise<void>): Promise<void> {
  const changing = setInterval(() => stack.connections.local!.changeAtRandom(), 10);
  try {
    await work();
  } finally {
    clearInterval(changing);
  }
}

describe('a rolling restart under load', () => {
  it.each<RoleName>(['receiver', 'worker', 'scheduler'])(
    'of the %s loses nothing and shows Graph no error',
    async (role) => {
      const answered = door.passed.answered;
      await underLoad(async () => {
        await replace(role);
        await until(() => door.passed.answered > answered);
        await replace(role);
      });
      await stack.equal();
      expect(door.passed.errors).toEqual([]);
    },
    90_000,
  );
});
