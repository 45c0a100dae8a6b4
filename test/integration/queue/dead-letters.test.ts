import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDeadLetters, type DeadLetters } from '../../../src/queue/dead-letters.ts';
import { createDepth } from '../../../src/queue/depth.ts';
import { createSettle } from '../../../src/queue/settle.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { buildChange } from '../../support/build-change.ts';
import { startQueue, type Queue } from '../../support/queue-stack.ts';

let queue: Queue;
let deadLetters: DeadLetters;
beforeEach(async () => {
  queue = await startQueue({ maxDeliveryCount: 1 });
  deadLetters = createDeadLetters({ ...queue.shared, send: queue.publisher.send });
});
afterEach(() => queue.close());

/** Publishes one set for each list of ids and lets it die of `reason`, or by the broker's own hand. */
async function bury(sets: Record<string, string | undefined>) {
  const receiver = queue.client.createReceiver(queue.queueName);
  const settle = createSettle({ receiver, log: silentLog });
  for (const [ids, reason] of Object.entries(sets)) {
    const changes = ids.split(',').map((id) => buildChange(id, { attempt: 12 }));
    await queue.publisher.publish('t', changes);
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
    const how = reason
      ? ({ kind: 'deadLetter', reason, description: `${ids} died` } as const)
      : ({ kind: 'abandon' } as const);
    await settle(message!, how);
  }
  await receiver.close();
}
const ids = (sets: { id: string }[][]) => sets.map((set) => set.map(({ id }) => id).join());

describe('dead letters', () => {
  it('are listed with what they are about and why they died', async () => {
    await bury({ a: 'BadId', b: 'TriedTooOften' });
    expect(await deadLetters.list(10)).toMatchObject([
      { reason: 'BadId', description: 'a died', tenantId: 't', changes: [{ id: 'a' }] },
      { reason: 'TriedTooOften', changes: [{ id: 'b' }] },
    ]);
    expect(await deadLetters.list(1)).toHaveLength(1);
  });

  it('are replayed by reason, with no tries counted, and the others stay', async () => {
    await bury({ a: 'BadId', b: 'TriedTooOften' });
    expect(await deadLetters.replay({ reason: 'TriedTooOften' })).toBe(1);
    expect(queue.waiting()).toMatchObject([[{ id: 'b', attempt: 0 }]]);
    expect(ids(queue.dead())).toEqual(['a']);
  });

  it('are replayed by id, and purged', async () => {
    await bury({ a: 'BadId', b: 'BadId' });
    const [first] = await deadLetters.list(1);
    expect(await deadLetters.replay({ ids: [first!.id] })).toBe(1);
    expect(ids(queue.waiting())).toEqual(['a']);
    expect(await deadLetters.purge({ all: true })).toBe(1);
    expect(queue.dead()).toEqual([]);
    expect(await deadLetters.purge({ all: true })).toBe(0);
  });

  it('consistency 5.4: stay where the new message is not accepted', async () => {
    await bury({ a: 'BadId' });
    queue.server.inject.refuseSends('full');
    await expect(deadLetters.replay({ all: true })).rejects.toThrow();
    expect(ids(queue.dead())).toEqual(['a']);
    expect(queue.isEmpty()).toBe(true);
  });

  it('consistency 5.4: made by the broker are replayed by themselves, as sets of one', async () => {
    await bury({ 'a,b': undefined, c: 'BadId' });
    expect(await deadLetters.replayUnfinished()).toBe(1);
    expect(ids(queue.waiting())).toEqual(['a', 'b']);
    expect(ids(queue.dead())).toEqual(['c']);
    expect(await deadLetters.replayUnfinished()).toBe(0);
  });
});

describe('the depth of the queue', () => {
  it('is counted without taking a message, also when asked twice', async () => {
    const depth = createDepth(queue.shared);
    const empty = { waiting: 0, scheduled: 0, deadLettered: 0, oldestWaitingAt: null, exact: true };
    expect(await depth.count()).toEqual(empty);
    await bury({ a: 'BadId' });
    await queue.publisher.publish('t', [buildChange('b')]);
    await queue.publisher.publish('t', [buildChange('c')], { delayMs: 60_000 });
    const oldestWaitingAt = expect.any(Date);
    const expected = { waiting: 1, scheduled: 1, deadLettered: 1, oldestWaitingAt, exact: true };
    expect(await depth.count()).toEqual(expected);
    expect(await depth.count()).toEqual(expected);
  });

  it('is bounded: beyond its limit there are at least so many', async () => {
    const sets = Array.from({ length: 5 }, (_, index) => buildChange(`u${index}`));
    for (const change of sets) await queue.publisher.publish('t', [change]);
    const depth = createDepth({ ...queue.shared, limit: 3 });
    expect(await depth.count()).toMatchObject({ waiting: 3, exact: false });
  });

  it('tells that the queue answers, empty or not', async () => {
    const depth = createDepth(queue.shared);
    await depth.ping();
    await queue.publisher.publish('t', [buildChange('a')]);
    await depth.ping();
    await depth.ping();
  });
});
