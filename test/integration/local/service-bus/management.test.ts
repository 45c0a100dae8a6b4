import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceBusClient } from '@azure/service-bus';
import {
  startLocalServiceBus,
  type LocalServiceBus,
} from '../../../../src/local/service-bus/server.ts';
import { connect, movableClock, receiveOne } from './support.ts';

const clock = movableClock();
let bus: LocalServiceBus;
let client: ServiceBusClient;

beforeAll(async () => {
  const queues = ['peeked', 'dead', 'scheduled', 'other'].map((name) => ({ name }));
  bus = await startLocalServiceBus({ clock, queues });
  client = connect(bus);
});

afterAll(async () => {
  await client.close();
  await bus.close();
});

describe('peeking', () => {
  it('shows waiting, locked and scheduled messages and locks none', async () => {
    const receiver = client.createReceiver('peeked');
    expect(await receiver.peekMessages(10)).toEqual([]);
    const sender = client.createSender('peeked');
    await sender.sendMessages([{ body: 'locked' }, { body: 'waiting' }]);
    await sender.sendMessages({
      body: 'scheduled',
      scheduledEnqueueTimeUtc: new Date(clock.now() + 60_000),
    });
    await receiveOne(client.createReceiver('peeked'));
    const peeked = await receiver.peekMessages(10);
    expect(peeked.map(({ body, state }) => [body as string, state])).toEqual([
      ['locked', 'active'],
      ['waiting', 'active'],
      ['scheduled', 'scheduled'],
    ]);
    expect(bus.queue('peeked').counts).toMatchObject({ active: 1, locked: 1, scheduled: 1 });
  });

  it('goes on where it ended', async () => {
    const other = connect(bus);
    const receiver = other.createReceiver('peeked');
    const first = await receiver.peekMessages(1);
    const rest = await receiver.peekMessages(10);
    expect([...first, ...rest].map(({ sequenceNumber }) => sequenceNumber?.toNumber())).toEqual([
      1, 2, 3,
    ]);
    await other.close();
  });

  it('works on dead letters', async () => {
    await client.createSender('dead').sendMessages({ messageId: 'bad', body: 1 });
    const receiver = client.createReceiver('dead');
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'why',
      deadLetterErrorDescription: '',
    });
    const dead = client.createReceiver('dead', { subQueueType: 'deadLetter' });
    expect(await dead.peekMessages(10)).toMatchObject([
      { messageId: 'bad', deadLetterReason: 'why' },
    ]);
    expect(await receiver.peekMessages(10)).toEqual([]);
  });
});

describe('scheduling', () => {
  it('delivers a message by the clock of the server', async () => {
    const sender = client.createSender('scheduled');
    const [number] = await sender.scheduleMessages(
      { messageId: 'm', body: 'later' },
      new Date(clock.now() + 3_600_000),
    );
    expect(number?.toNumber()).toBe(1);
    clock.advance(3_600_000);
    bus.tick();
    const receiver = client.createReceiver('scheduled');
    const message = await receiveOne(receiver);
    expect(message).toMatchObject({ messageId: 'm', body: 'later', state: 'active' });
    await receiver.completeMessage(message);
  });

  it('is undone by its sequence number, once', async () => {
    const sender = client.createSender('scheduled');
    const numbers = await sender.scheduleMessages(
      { body: 'never' },
      new Date(clock.now() + 60_000),
    );
    expect(bus.queue('scheduled').counts.scheduled).toBe(1);
    await sender.cancelScheduledMessages(numbers);
    expect(bus.queue('scheduled').counts.scheduled).toBe(0);
    await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });
});

describe('what is not there', () => {
  it('is a missing queue for senders, receivers and requests', async () => {
    const missing = { code: 'MessagingEntityNotFound' };
    await expect(client.createSender('none').sendMessages({ body: 1 })).rejects.toMatchObject(
      missing,
    );
    const receiver = client.createReceiver('none');
    await expect(receiver.receiveMessages(1)).rejects.toMatchObject(missing);
    await expect(receiver.peekMessages(1)).rejects.toMatchObject(missing);
  });

  it('is named where the client asks for it', async () => {
    await client.createSender('other').sendMessages({ body: 1 });
    const receiver = client.createReceiver('other');
    const message = await receiveOne(receiver);
    await expect(receiver.deferMessage(message)).rejects.toThrow(
      /does not offer deferred messages/,
    );
    await expect(receiver.receiveDeferredMessages(message.sequenceNumber!)).rejects.toThrow(
      /does not offer the operation com.microsoft:receive-by-sequence-number/,
    );
    const deleting = client.createReceiver('other', { receiveMode: 'receiveAndDelete' });
    await expect(deleting.receiveMessages(1)).rejects.toThrow(
      /does not offer the receive-and-delete/,
    );
  });

  it('is a session that cannot be had', async () => {
    await expect(client.acceptSession('other', 's')).rejects.toMatchObject({
      code: 'SessionCannotBeLocked',
    });
  });
});
