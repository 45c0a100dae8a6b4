import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceBusClient } from '@azure/service-bus';
import {
  startLocalServiceBus,
  type LocalServiceBus,
} from '../../../../src/local/service-bus/server.ts';
import { until } from '../../../support/until.ts';
import { connect, movableClock, receiveOne } from './support.ts';

const clock = movableClock();
const lockMs = 60_000;
let bus: LocalServiceBus;
let client: ServiceBusClient;

beforeAll(async () => {
  const names = ['expiring', 'renewed', 'drained', 'closed', 'mixed', 'flooded'];
  bus = await startLocalServiceBus({
    clock,
    queues: [
      ...names.map((name) => ({ name, lockMs })),
      { name: 'limited', lockMs, maxDeliveryCount: 2 },
      { name: 'short', timeToLiveMs: 10_000 },
    ],
  });
  client = connect(bus);
});

afterAll(async () => {
  await client.close();
  await bus.close();
});

function advance(ms: number): void {
  clock.advance(ms);
  bus.tick();
}

describe('a lock', () => {
  it('that expires gives the message to the next receiver and fails the late settlement', async () => {
    await client.createSender('expiring').sendMessages({ messageId: 'm', body: 1 });
    const receiver = client.createReceiver('expiring', { maxAutoLockRenewalDurationInMs: 0 });
    const late = await receiveOne(receiver);
    advance(lockMs + 1);
    const again = await receiveOne(client.createReceiver('expiring'));
    expect(again).toMatchObject({ messageId: 'm', deliveryCount: 1 });
    await expect(receiver.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' });
    expect(bus.queue('expiring').counts.locked).toBe(1);
    await receiver.completeMessage(again);
    expect(bus.queue('expiring').counts.locked).toBe(0);
  });

  it('that is renewed holds on', async () => {
    await client.createSender('renewed').sendMessages({ messageId: 'm', body: 1 });
    const receiver = client.createReceiver('renewed');
    const message = await receiveOne(receiver);
    const before = message.lockedUntilUtc?.getTime() ?? 0;
    advance(lockMs - 10_000);
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThanOrEqual(before + lockMs - 10_000);
    advance(lockMs - 10_000);
    await receiver.completeMessage(message);
    await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({
      code: 'MessageLockLost',
    });
  });

  it('outlives its receiver, and the message can still be settled', async () => {
    await client.createSender('closed').sendMessages({ messageId: 'm', body: 1 });
    const receiver = client.createReceiver('closed');
    const message = await receiveOne(receiver);
    await receiver.close();
    const other = client.createReceiver('closed');
    await other.deadLetterMessage(message, {
      deadLetterReason: 'late',
      deadLetterErrorDescription: '',
    });
    expect(bus.queue('closed').deadLetters()).toMatchObject([
      { messageId: 'm', applicationProperties: { DeadLetterReason: 'late' } },
    ]);
  });
});

describe('a message', () => {
  it('goes to the dead letters when its deliveries are used up', async () => {
    await client.createSender('limited').sendMessages({ messageId: 'poison', body: 1 });
    const receiver = client.createReceiver('limited');
    await receiver.abandonMessage(await receiveOne(receiver));
    await receiveOne(receiver);
    bus.inject.redeliver();
    const dead = await receiveOne(client.createReceiver('limited', { subQueueType: 'deadLetter' }));
    expect(dead).toMatchObject({
      messageId: 'poison',
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterErrorDescription: 'Message could not be consumed after 2 delivery attempts.',
    });
  });

  it('goes to the dead letters when its time is over', async () => {
    await client.createSender('short').sendMessages({ messageId: 'old', body: 1 });
    advance(10_000);
    const dead = await receiveOne(client.createReceiver('short', { subQueueType: 'deadLetter' }));
    expect(dead).toMatchObject({ messageId: 'old', deadLetterReason: 'TTLExpiredException' });
  });
});

describe('a receiver', () => {
  it('that asks for more than there is gets what there is, and can ask again', async () => {
    const sender = client.createSender('drained');
    const receiver = client.createReceiver('drained');
    expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 })).toEqual([]);
    await sender.sendMessages([{ body: 1 }, { body: 2 }]);
    expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 })).toHaveLength(2);
    expect(await receiver.receiveMessages(5, { maxWaitTimeInMs: 100 })).toEqual([]);
    await sender.sendMessages({ body: 3 });
    expect((await receiveOne(receiver)).body).toBe(3);
  });

  it('that settles nothing gets 2,048 messages, and the others once it settles', async () => {
    const sender = client.createSender('flooded');
    const bodies = Array.from({ length: 2_100 }, (_, index) => ({ body: index }));
    await sender.sendMessages(bodies);
    const receiver = client.createReceiver('flooded', { maxAutoLockRenewalDurationInMs: 0 });
    let received = 0;
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    receiver.subscribe(
      {
        processMessage: () => {
          received += 1;
          return opened;
        },
        processError: async () => undefined,
      },
      { maxConcurrentCalls: 2_100 },
    );
    await until(() => received === 2_048);
    expect(bus.queue('flooded').counts).toMatchObject({ active: 52, locked: 2_048 });
    open();
    await until(() => received === 2_100 && bus.queue('flooded').counts.locked === 0);
    await receiver.close();
  });

  it('that settles each message in a turn of its own gets each outcome', async () => {
    await client.createSender('mixed').sendMessages([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);
    const receiver = client.createReceiver('mixed');
    const [a, b, c] = await receiver.receiveMessages(3, { maxWaitTimeInMs: 5_000 });
    await receiver.deadLetterMessage(a!, {
      deadLetterReason: 'bad',
      deadLetterErrorDescription: '',
    });
    await receiver.completeMessage(b!);
    await receiver.abandonMessage(c!);
    expect(bus.queue('mixed').counts).toMatchObject({ active: 1, locked: 0, deadLettered: 1 });
    await expect(receiver.completeMessage(b!)).rejects.toThrow();
  });
});
