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
  const queues = ['refused', 'large', 'doubled', 'slow', 'dropped', 'paused'];
  bus = await startLocalServiceBus({ queues: queues.map((name) => ({ name })) });
  client = connect(bus);
});

afterAll(async () => {
  await client.close();
  await bus.close();
});

describe('a fault switch', () => {
  it('refuses sends as busy or full, until it is turned back', async () => {
    const sender = client.createSender('refused');
    bus.inject.refuseSends('full');
    await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({ code: 'QuotaExceeded' });
    bus.inject.refuseSends('busy');
    await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject({
      errors: [{ code: 'ServiceBusy' }, { code: 'ServiceBusy' }],
    });
    bus.inject.refuseSends(undefined);
    await sender.sendMessages({ body: 1 });
    expect(bus.queue('refused').counts.active).toBe(1);
  });

  it('stores the next message twice', async () => {
    bus.inject.duplicateNext();
    await client.createSender('doubled').sendMessages([{ body: 'a' }, { body: 'b' }]);
    const bodies = bus
      .queue('doubled')
      .messages()
      .map(({ body }) => body.toString());
    expect(bodies).toEqual(['"a"', '"a"', '"b"']);
  });

  it('delays sends', async () => {
    bus.inject.delaySends(200);
    const before = Date.now();
    await client.createSender('slow').sendMessages({ body: 1 });
    bus.inject.delaySends(0);
    expect(Date.now() - before).toBeGreaterThanOrEqual(195);
  });

  it('drops connections, and subscribers and senders come back by themselves', async () => {
    const sender = client.createSender('dropped');
    const seen: unknown[] = [];
    const receiver = client.createReceiver('dropped');
    receiver.subscribe({
      processMessage: async ({ body }) => void seen.push(body),
      processError: async () => undefined,
    });
    await sender.sendMessages({ body: 'before' });
    await until(() => seen.length === 1);
    bus.inject.dropConnections();
    const other = connect(bus);
    await other.createSender('dropped').sendMessages({ body: 'after' });
    await until(() => seen.includes('after'));
    await sender.sendMessages({ body: 'again' });
    await until(() => seen.includes('again'));
    await Promise.all([receiver.close(), other.close()]);
  });

  it('accepts no connection while it is paused', async () => {
    bus.inject.pause();
    const other = connect(bus);
    await expect(other.createSender('paused').sendMessages({ body: 1 })).rejects.toThrow();
    bus.inject.resume();
    await other.createSender('paused').sendMessages({ body: 2 });
    expect((await receiveOne(other.createReceiver('paused'))).body).toBe(2);
    await other.close();
  });
});

describe('a message above the limit', () => {
  it('is refused', async () => {
    const sender = client.createSender('large');
    await expect(sender.sendMessages({ body: Buffer.alloc(262_144) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
    expect(bus.queue('large').counts.active).toBe(0);
  });
});
