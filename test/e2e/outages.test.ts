import { afterEach, describe, expect, it } from '@jest/globals';
import { createMetrics } from '../../src/ops/metrics.ts';
import { startRoles } from '../../src/roles/start.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
afterEach(async () => {
  stack.connections.local?.mongo?.inject.resume();
  await stack.close();
});

const rename = (id: string, displayName: string) => stack.directory.updateUser(id, { displayName });
const isNamed = async (id: string, name: string) =>
  (await stack.user(id))?.['displayName'] === name;
const someone = () => stack.directory.snapshot().users[4]!.id;

describe('invariant 1: nothing acknowledged is lost', () => {
  it('refuses with 503 while the queue takes nothing, and mirrors what Graph sends again', async () => {
    stack = await startTestStack({ users: 12, groups: 2 });
    await stack.live();
    const { serviceBus } = stack.connections.local!;
    const { stats } = stack.running.receiver!;
    serviceBus!.inject.refuseSends('full');
    rename(someone(), 'Sent Again');
    await until(() => stats.refused > 0);
    const queued = stats.queued;
    serviceBus!.inject.refuseSends(undefined);
    await until(() => isNamed(someone(), 'Sent Again'));
    expect(stats.queued).toBeGreaterThan(queued);
    await stack.equal();
  });

  it('6.1: a fresh receiver that cannot ask MongoDB answers 503, and nothing is dropped', async () => {
    stack = await startTestStack({ users: 12, groups: 2 });
    await stack.live();
    const { mongo } = stack.connections.local!;
    mongo!.inject.pause('hang');
    // It starts all the same, with no subscription known: a receiver must not depend on MongoDB.
    const fresh = await startRoles(['receiver'], {
      ...stack.connections,
      metrics: createMetrics(),
    });
    for (const subscription of stack.graph.tenant.subscriptions.list()) {
      stack.graph.tenant.subscriptions.put({
        ...subscription,
        notificationUrl: `${fresh.url}/notifications`,
      });
    }
    rename(someone(), 'Not Dropped');
    const { stats } = fresh.receiver!;
    await until(() => stats.refused > 0);
    expect(stats.queued).toBe(0);
    mongo!.inject.resume();
    await until(() => isNamed(someone(), 'Not Dropped'));
    expect(stats.queued).toBeGreaterThan(0);
    await fresh.close();
  });
});

describe('a worker', () => {
  it('5.2: takes nothing while MongoDB is away, and goes on when it is back', async () => {
    stack = await startTestStack({ users: 12, groups: 2 });
    await stack.live();
    const { mongo, serviceBus } = stack.connections.local!;
    const queue = serviceBus!.queue(stack.connections.config.queue);
    // The receiver gets to know the subscription by its first notification.
    rename(someone(), 'Known');
    await until(() => isNamed(someone(), 'Known'));
    mongo!.inject.pause('refuse');
    // What comes after the intake has closed stays on the queue, in nobody's hand.
    const staysThere = async () => {
      rename(someone(), `Waiting ${Date.now()}`);
      return queue.counts.active > 0 && queue.counts.locked === 0;
    };
    await until(staysThere, { timeoutMs: 60_000, everyMs: 500 });
    rename(someone(), 'Back Again');
    mongo!.inject.resume();
    await until(() => isNamed(someone(), 'Back Again'), { timeoutMs: 60_000 });
    expect(queue.counts.deadLettered).toBe(0);
  }, 180_000);

  it('waits while Graph is away and gives nothing up', async () => {
    stack = await startTestStack({ users: 12, groups: 2 });
    await stack.live();
    stack.graph.faults.unavailableRate = 1;
    rename(someone(), 'After The Outage');
    await until(() => stack.running.worker!.stats.received > 0);
    stack.graph.faults.unavailableRate = 0;
    await until(() => isNamed(someone(), 'After The Outage'), { timeoutMs: 90_000 });
    const { queue } = await stack.running.status();
    expect(queue).toMatchObject({ deadLettered: 0 });
  });
});
