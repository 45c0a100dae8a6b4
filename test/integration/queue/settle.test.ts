import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '../../../src/ops/log.ts';
import { createSettle } from '../../../src/queue/settle.ts';
import { buildChange } from '../../support/build-change.ts';
import { idsOf, startQueue, type Queue } from '../../support/queue-stack.ts';

let queue: Queue;
beforeEach(async () => {
  queue = await startQueue();
});
afterEach(() => queue.close());

type Kind = 'complete' | 'abandon' | 'deadLetter';
const settlements = {
  complete: { kind: 'complete' },
  abandon: { kind: 'abandon' },
  deadLetter: { kind: 'deadLetter', reason: 'r', description: 'd' },
} as const;

describe('settlements that are asked for in one turn of the event loop', () => {
  it.each<[Kind[]]>([
    [['complete', 'deadLetter']],
    [['deadLetter', 'complete']],
    [['complete', 'abandon']],
    [['deadLetter', 'complete', 'complete', 'complete']],
    [['abandon', 'deadLetter']],
    [['complete', 'complete', 'deadLetter']],
    [['deadLetter', 'abandon', 'complete', 'abandon', 'complete', 'deadLetter']],
  ])('reach the broker as they were meant: %j', async (kinds) => {
    const expected = {
      complete: [] as string[],
      abandon: [] as string[],
      deadLetter: [] as string[],
    };
    for (const [index, kind] of kinds.entries()) {
      expected[kind].push(String(index));
      await queue.publisher.publish('t', [buildChange(String(index))]);
    }
    const receiver = queue.client.createReceiver(queue.queueName);
    const messages = await receiver.receiveMessages(kinds.length, { maxWaitTimeInMs: 5_000 });
    const settle = createSettle({ receiver, log: silentLog });
    const settled = await Promise.all(
      messages.map((message) => settle(message, settlements[kinds[Number(idsOf(message)[0])]!])),
    );
    expect(settled).toEqual(kinds.map(() => 'settled'));

    const idsIn = (sets: { id: string }[][]) => sets.flatMap(([change]) => change?.id ?? []);
    expect(idsIn(queue.waiting()).sort()).toEqual(expected.abandon);
    expect(idsIn(queue.dead()).sort()).toEqual(expected.deadLetter);
  });
});
