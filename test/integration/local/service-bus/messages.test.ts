import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceBusClient } from '@azure/service-bus';
import {
  startLocalServiceBus,
  type LocalServiceBus,
} from '../../../../src/local/service-bus/server.ts';
import { until } from '../../../support/until.ts';
import { connect, receiveOne } from './support.ts';

let bus: LocalServiceBus;
let client: ServiceBusClient;

beforeAll(async () => {
  const queues = ['single', 'batch', 'subscribed', 'abandoned', 'buried', 'scheduled', 'large'];
  bus = await startLocalServiceBus({ queues: queues.map((name) => ({ name })) });
  client = connect(bus);
});

afterAll(async () => {
  await client.close();
  await bus.close();
});

describe('the local Service Bus', () => {
  it('hands over what was sent and forgets what was completed', async () => {
    await client.createSender('single').sendMessages({
      messageId: 'one',
      body: { text: 'hello' },
      applicationProperties: { tenant: 'contoso', attempt: 3 },
      timeToLive: 60_000,
    });
    const receiver = client.createReceiver('single');
    const message = await receiveOne(receiver);
    expect(message).toMatchObject({
      messageId: 'one',
      body: { text: 'hello' },
      applicationProperties: { tenant: 'contoso', attempt: 3 },
      deliveryCount: 0,
      state: 'active',
      timeToLive: 60_000,
    });
    expect(message.sequenceNumber?.toNumber()).toBe(1);
    expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now());
    expect(bus.queue('single').counts).toMatchObject({ active: 0, locked: 1 });
    await receiver.completeMessage(message);
    expect(bus.queue('single').counts).toMatchObject({ active: 0, locked: 0 });
  });

  it('takes a batch apart and gives each message without an id one of its own', async () => {
    const sender = client.createSender('batch');
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
    for (const body of ['a', 'b', 'c']) batch.tryAddMessage({ body });
    await sender.sendMessages(batch);
    const receiver = client.createReceiver('batch');
    const messages = await receiver.receiveMessages(3, { maxWaitTimeInMs: 5_000 });
    expect(messages.map(({ body }) => body as string)).toEqual(['a', 'b', 'c']);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(3);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    expect(bus.queue('batch').counts).toMatchObject({ active: 0, locked: 0 });
  });

  it('pushes messages to a subscriber that completes them', async () => {
    const seen: unknown[] = [];
    const receiver = client.createReceiver('subscribed');
    receiver.subscribe(
      {
        processMessage: async ({ body }) => void seen.push(body),
        processError: async ({ error }) => {
          throw error;
        },
      },
      { maxConcurrentCalls: 4 },
    );
    const bodies = Array.from({ length: 40 }, (_, index) => index);
    await client.createSender('subscribed').sendMessages(bodies.map((body) => ({ body })));
    await until(() => seen.length === 40);
    await until(() => bus.queue('subscribed').counts.locked === 0);
    expect(seen).toEqual(bodies);
    await receiver.close();
  });

  it('delivers an abandoned message again with a higher delivery count and its new properties', async () => {
    await client
      .createSender('abandoned')
      .sendMessages({ body: 1, applicationProperties: { a: 1 } });
    const receiver = client.createReceiver('abandoned');
    await receiver.abandonMessage(await receiveOne(receiver), { b: 'two' });
    const again = await receiveOne(receiver);
    expect(again.deliveryCount).toBe(1);
    expect(again.applicationProperties).toEqual({ a: 1, b: 'two' });
    await receiver.completeMessage(again);
  });

  it('moves a dead-lettered message with its reason to the dead-letter queue', async () => {
    await client.createSender('buried').sendMessages({ messageId: 'bad', body: 'bad' });
    const receiver = client.createReceiver('buried');
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'Malformed',
      deadLetterErrorDescription: 'no tenant',
    });
    expect(bus.queue('buried').counts).toMatchObject({ active: 0, locked: 0, deadLettered: 1 });
    const dead = client.createReceiver('buried', { subQueueType: 'deadLetter' });
    const message = await receiveOne(dead);
    expect(message).toMatchObject({
      messageId: 'bad',
      body: 'bad',
      deadLetterReason: 'Malformed',
      deadLetterErrorDescription: 'no tenant',
    });
    await dead.completeMessage(message);
    expect(bus.queue('buried').counts.deadLettered).toBe(0);
  });

  it('holds a scheduled message back until its time', async () => {
    const scheduledEnqueueTimeUtc = new Date(Date.now() + 300);
    await client.createSender('scheduled').sendMessages({ body: 'later', scheduledEnqueueTimeUtc });
    expect(bus.queue('scheduled').counts).toMatchObject({ active: 0, scheduled: 1 });
    const receiver = client.createReceiver('scheduled');
    const message = await receiveOne(receiver);
    expect(Date.now()).toBeGreaterThanOrEqual(scheduledEnqueueTimeUtc.getTime());
    expect(message.scheduledEnqueueTimeUtc).toEqual(scheduledEnqueueTimeUtc);
    await receiver.completeMessage(message);
  });

  it('carries 200 kB messages', async () => {
    const body = Buffer.alloc(200_000, 7);
    await client.createSender('large').sendMessages({ body });
    const receiver = client.createReceiver('large');
    const message = await receiveOne(receiver);
    expect(body.equals(message.body as Buffer)).toBe(true);
    await receiver.completeMessage(message);
  });
});
