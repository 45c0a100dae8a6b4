import { beforeEach, describe, expect, it } from '@jest/globals';
import rhea from 'rhea';
import { parseMessage } from '../../../../src/local/service-bus/incoming-message.ts';
import { memoryJournal, type QueueChange } from '../../../../src/local/service-bus/journal.ts';
import type { Lock, StoredMessage } from '../../../../src/local/service-bus/message.ts';
import type { MessageBox } from '../../../../src/local/service-bus/message-box.ts';
import { queueSettings, type QueueConfig } from '../../../../src/local/service-bus/queue-config.ts';
import { QueueStore } from '../../../../src/local/service-bus/queue-store.ts';

const start = 1_700_000_000_000;
let now: number;
let recorded: QueueChange[];

beforeEach(() => {
  now = start;
  recorded = [];
});

function createQueue(config: Partial<QueueConfig> = {}): QueueStore {
  return new QueueStore({
    settings: queueSettings({ name: 'q', lockMs: 1_000, timeToLiveMs: 60_000, ...config }),
    now: () => now,
    journal: { ...memoryJournal, record: (_queue, change) => recorded.push(change) },
  });
}

function send(queue: QueueStore, id: string, more: Record<string, unknown> = {}): number {
  const encoded = rhea.message.encode({
    message_id: id,
    body: rhea.message.data_section(Buffer.from(id)) as unknown,
    ...more,
  });
  return queue.enqueue(parseMessage(encoded));
}

function sendLater(queue: QueueStore, id: string, at: number): number {
  return send(queue, id, {
    message_annotations: { 'x-opt-scheduled-enqueue-time': new Date(at) },
  });
}

function take(box: MessageBox): Lock {
  const lock = box.take();
  if (!lock) throw new Error('nothing to take');
  return lock;
}

function decode({ bare }: StoredMessage): { message_id: string; application_properties?: object } {
  return rhea.message.decode(bare) as unknown as ReturnType<typeof decode>;
}

const idOf = (message: StoredMessage) => decode(message).message_id;

describe('a queue', () => {
  it('gives each message to one taker, oldest first', () => {
    const queue = createQueue();
    for (const id of ['a', 'b', 'c']) send(queue, id);
    const taken = [take(queue.active), take(queue.active), take(queue.active)];
    expect(taken.map(({ message }) => idOf(message))).toEqual(['a', 'b', 'c']);
    expect(queue.active.take()).toBeUndefined();
    expect(queue.counts).toEqual({ active: 0, scheduled: 0, locked: 3, deadLettered: 0 });
  });

  it('puts an abandoned message back in its old place', () => {
    const queue = createQueue();
    for (const id of ['a', 'b']) send(queue, id);
    queue.active.abandon(take(queue.active).token);
    const again = take(queue.active).message;
    expect(idOf(again)).toBe('a');
    expect(again.deliveryCount).toBe(1);
  });

  it('counts no attempt when a message is released', () => {
    const queue = createQueue();
    send(queue, 'a');
    queue.active.release(take(queue.active).token);
    expect(take(queue.active).message.deliveryCount).toBe(0);
  });

  it('ends a lock by the clock and counts the attempt', () => {
    const queue = createQueue();
    send(queue, 'a');
    const { token } = take(queue.active);
    now += 1_000;
    expect(queue.active.complete(token)).toBe(false);
    queue.tick();
    expect(take(queue.active).message.deliveryCount).toBe(1);
  });

  it('keeps a lock that is renewed in time', () => {
    const queue = createQueue();
    send(queue, 'a');
    const { token } = take(queue.active);
    now += 900;
    expect(queue.active.renew(token)).toBe(now + 1_000);
    now += 900;
    queue.tick();
    expect(queue.active.complete(token)).toBe(true);
    expect(queue.active.renew(token)).toBeUndefined();
  });

  it('moves a message to the dead letters after its last delivery', () => {
    const queue = createQueue({ maxDeliveryCount: 2 });
    send(queue, 'a');
    queue.active.abandon(take(queue.active).token);
    take(queue.active);
    queue.expireLocks();
    const dead = take(queue.dead).message;
    expect(dead.deliveryCount).toBe(2);
    expect(decode(dead).application_properties).toMatchObject({
      DeadLetterReason: 'MaxDeliveryCountExceeded',
    });
    expect(queue.counts).toEqual({ active: 0, scheduled: 0, locked: 0, deadLettered: 1 });
  });

  it('never moves a message out of the dead letters by itself', () => {
    const queue = createQueue({ maxDeliveryCount: 1 });
    send(queue, 'a');
    queue.active.abandon(take(queue.active).token);
    for (let attempt = 0; attempt < 3; attempt += 1) queue.dead.abandon(take(queue.dead).token);
    now += 1_000_000;
    queue.tick();
    expect(queue.counts.deadLettered).toBe(1);
  });

  it('moves an expired message to the dead letters', () => {
    const queue = createQueue();
    send(queue, 'short', { ttl: 500 });
    send(queue, 'long', { ttl: 999_999 });
    now += 500;
    queue.tick();
    expect(queue.counts).toMatchObject({ active: 1, deadLettered: 1 });
    expect(decode(take(queue.dead).message).application_properties).toMatchObject({
      DeadLetterReason: 'TTLExpiredException',
    });
    now += 59_500;
    expect(queue.active.take()).toBeUndefined();
    expect(queue.counts.deadLettered).toBe(2);
  });

  it('drops an expired message where dead-lettering on expiration is off', () => {
    const queue = createQueue({ deadLetterOnExpiration: false });
    send(queue, 'a', { ttl: 500 });
    now += 500;
    queue.tick();
    expect(queue.counts).toEqual({ active: 0, scheduled: 0, locked: 0, deadLettered: 0 });
    expect(recorded.at(-1)).toEqual({ kind: 'remove', sequenceNumber: 1 });
  });

  it('lets a locked message outlive its time and expires it when it comes back', () => {
    const queue = createQueue();
    send(queue, 'a', { ttl: 500 });
    const { token } = take(queue.active);
    now += 600;
    queue.tick();
    expect(queue.counts.locked).toBe(1);
    queue.active.abandon(token);
    queue.tick();
    expect(queue.counts).toMatchObject({ active: 0, deadLettered: 1 });
  });

  it('publishes a scheduled message when it is due, under a new number', () => {
    const queue = createQueue();
    const scheduled = sendLater(queue, 'later', start + 5_000);
    send(queue, 'now');
    expect(queue.counts).toMatchObject({ active: 1, scheduled: 1 });
    expect(queue.peek(0, 10).map(idOf)).toEqual(['later', 'now']);
    now += 5_000;
    queue.tick();
    take(queue.active);
    const { message } = take(queue.active);
    expect(message.enqueuedSequenceNumber).toBe(scheduled);
    expect(message.sequenceNumber).toBe(3);
    expect(message.enqueuedAt).toBe(start + 5_000);
  });

  it('starts the time to live of a scheduled message when it is due', () => {
    const queue = createQueue({ timeToLiveMs: 1_000 });
    sendLater(queue, 'later', start + 5_000);
    now += 5_000;
    queue.tick();
    expect(queue.counts.active).toBe(1);
  });

  it('cancels a scheduled message once', () => {
    const queue = createQueue();
    const number = sendLater(queue, 'later', start + 5_000);
    expect(queue.cancelScheduled(number)).toBe(true);
    expect(queue.cancelScheduled(number)).toBe(false);
    now += 5_000;
    queue.tick();
    expect(queue.active.take()).toBeUndefined();
  });

  it('wakes receivers only when something is waiting', () => {
    const queue = createQueue();
    const taken: string[] = [];
    const stop = queue.active.onReady(() => taken.push(idOf(take(queue.active).message)));
    send(queue, 'a');
    queue.expireLocks();
    stop();
    send(queue, 'b');
    expect(taken).toEqual(['a', 'a']);
  });

  it('keeps the order of a thousand messages that come back in disorder', () => {
    const queue = createQueue({ maxDeliveryCount: 100 });
    for (let index = 0; index < 1_000; index += 1) send(queue, String(index));
    const locks = Array.from({ length: 1_000 }, () => take(queue.active));
    const shuffled = locks.toSorted((a, b) => a.token.localeCompare(b.token));
    for (const { token } of shuffled) queue.active.abandon(token);
    const numbers = locks.map(() => take(queue.active).message.sequenceNumber);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});
