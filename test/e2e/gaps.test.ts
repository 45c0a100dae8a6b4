import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createMetrics } from '../../src/ops/metrics.ts';
import { startRoles } from '../../src/roles/start.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

jest.setTimeout(200_000);

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ users: 12, groups: 2, timings: { renewalCheckMs: 300 } });
  await stack.live();
  await until(async () => (await activeIds()).length === 2);
});
afterAll(() => stack.close());

const active = async () => {
  const records = await stack.connections.subscriptions.of(stack.connections.tenantId);
  return records.filter(({ state }) => state === 'active');
};
const activeIds = async () => (await active()).map(({ subscriptionId }) => subscriptionId!);
const city = async (id: string) => (await stack.user(id))?.['city'];
const person = (index: number) => stack.directory.snapshot().users[index]!.id;
const subscriptions = () => stack.graph.tenant.subscriptions;

/** Changes somebody without a notification; whoever mends the gap has to find it. */
function changeUnseen(id: string, to: string) {
  stack.graph.faults.notificationLossRate = 1;
  stack.directory.updateUser(id, { city: to });
  stack.graph.faults.notificationLossRate = 0;
}
const isMended = (id: string, to: string) => until(async () => (await city(id)) === to);

describe('Invariant 6: every gap is swept', () => {
  it('a subscription that Graph says it removed', async () => {
    const [gone] = await activeIds();
    changeUnseen(person(0), 'Removed');
    stack.graph.tenant.notifier.sendLifecycle('subscriptionRemoved', gone);
    subscriptions().remove(gone!);
    await isMended(person(0), 'Removed');
    await until(async () => {
      const ids = await activeIds();
      return ids.length === 2 && ids.every((id) => subscriptions().get(id));
    });
    expect(await activeIds()).not.toContain(gone);
  });

  it('a subscription that vanished without a word', async () => {
    const [gone] = await activeIds();
    changeUnseen(person(1), 'Vanished');
    subscriptions().remove(gone!);
    const long = new Date(Date.now() - 3_600_000);
    await stack.connections.db
      .collection('subscriptions')
      .updateOne({ subscriptionId: gone }, { $set: { checkedAt: long } });
    await isMended(person(1), 'Vanished');
    await until(async () => subscriptions().list().length === 2);
    expect(await activeIds()).not.toContain(gone);
  });

  it('a subscription whose notifications never match (rule 7.3)', async () => {
    const before = await active();
    await stack.connections.subscriptions.noteVerdicts([], [[before[0]!.subscriptionId!, 20]]);
    await stack.connections.db
      .collection('subscriptions')
      .updateOne({ _id: before[0]!._id as never }, { $unset: { lastReceiptAt: '' } });
    changeUnseen(person(2), 'Mismatched');
    await isMended(person(2), 'Mismatched');
    await until(async () => !(await activeIds()).includes(before[0]!.subscriptionId!));
  });

  it('what Graph says that it did not send', async () => {
    changeUnseen(person(3), 'Missed');
    stack.graph.tenant.notifier.sendLifecycle('missed');
    await isMended(person(3), 'Missed');
  });

  it('a receiver that was down (rule 6.3)', async () => {
    changeUnseen(person(4), 'Down');
    const another = await startRoles(['receiver'], {
      ...stack.connections,
      metrics: createMetrics(),
    });
    await isMended(person(4), 'Down');
    await another.close();
  });
});

describe('a subscription', () => {
  it('is renewed when Graph asks for it', async () => {
    const long = new Date(Date.now() - 3_600_000);
    const [first] = await active();
    const record = stack.connections.db.collection('subscriptions');
    await record.updateOne(
      { subscriptionId: first!.subscriptionId },
      { $set: { renewedAt: long } },
    );
    stack.graph.tenant.notifier.sendLifecycle('reauthorizationRequired', first!.subscriptionId!);
    await until(
      async () => (await active()).find(({ _id }) => _id === first!._id)!.renewedAt! > long,
    );
  });

  it('knows when a notification of its own came last', async () => {
    const before = new Date();
    stack.directory.updateUser(person(5), { city: 'Received' });
    await until(
      async () => ((await stack.connections.subscriptions.lastReceiptAt()) ?? 0) > before,
    );
  });

  it('outlives an access token that expires', async () => {
    stack.graph.faults.expiredTokenRate = 0.5;
    stack.directory.updateUser(person(6), { city: 'Token' });
    await isMended(person(6), 'Token');
    stack.graph.faults.expiredTokenRate = 0;
  });
});
