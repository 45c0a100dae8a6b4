import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileJournal } from '../../../../src/local/service-bus/file-journal.ts';
import type { StoredMessage } from '../../../../src/local/service-bus/message.ts';
import {
  startLocalServiceBus,
  type LocalServiceBus,
} from '../../../../src/local/service-bus/server.ts';
import { connect, receiveOne } from './support.ts';

let root: string;
let count = 0;
const open: LocalServiceBus[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'service-bus-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
});

afterAll(() => rmSync(root, { recursive: true }));

const newFolder = () => join(root, String((count += 1)));

async function start(dataDir: string): Promise<LocalServiceBus> {
  const bus = await startLocalServiceBus({ dataDir, queues: [{ name: 'q' }] });
  open.push(bus);
  return bus;
}

/** What a process that is killed at this moment leaves behind. */
function copyOf(folder: string): string {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  rmSync(join(copy, 'lock'));
  return copy;
}

function storedMessage(sequenceNumber: number): StoredMessage {
  return {
    sequenceNumber,
    enqueuedSequenceNumber: sequenceNumber,
    enqueuedAt: 1,
    expiresAt: 2,
    timeToLiveMs: 1,
    deliveryCount: 0,
    annotations: Buffer.from('annotations'),
    bare: Buffer.alloc(500, sequenceNumber),
  };
}

const idsIn = (bus: LocalServiceBus) =>
  bus
    .queue('q')
    .messages()
    .map(({ messageId }) => messageId);

describe('a data folder', () => {
  it('keeps accepted messages, dead letters and schedules over a kill, and forgets what was completed', async () => {
    const folder = newFolder();
    const bus = await start(folder);
    const client = connect(bus);
    const sender = client.createSender('q');
    await sender.sendMessages(
      ['done', 'bad', 'open'].map((messageId) => ({ messageId, body: messageId })),
    );
    await sender.sendMessages({
      messageId: 'later',
      body: 'later',
      scheduledEnqueueTimeUtc: new Date(Date.now() + 60_000),
    });
    const receiver = client.createReceiver('q');
    await receiver.completeMessage(await receiveOne(receiver));
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'why',
      deadLetterErrorDescription: '',
    });
    await sender.sendMessages({ messageId: 'last', body: 'last' });
    const restarted = await start(copyOf(folder));
    expect(restarted.queue('q').counts).toEqual({
      active: 2,
      scheduled: 1,
      locked: 0,
      deadLettered: 1,
    });
    expect(idsIn(restarted)).toEqual(['open', 'later', 'last']);
    expect(restarted.queue('q').deadLetters()).toMatchObject([
      { messageId: 'bad', applicationProperties: { DeadLetterReason: 'why' } },
    ]);
    await client.close();
  });

  it('counts a delivery that never ended', async () => {
    const folder = newFolder();
    const bus = await start(folder);
    const client = connect(bus);
    await client.createSender('q').sendMessages({ messageId: 'killer', body: 1 });
    await receiveOne(client.createReceiver('q'));
    await client.close();
    await bus.close();
    const restarted = await start(folder);
    expect(restarted.queue('q').messages()).toMatchObject([
      { messageId: 'killer', deliveryCount: 1 },
    ]);
  });

  it('drops a record that a crash has cut, and goes on from there', async () => {
    const folder = newFolder();
    const bus = await start(folder);
    const client = connect(bus);
    await client.createSender('q').sendMessages([
      { messageId: 'a', body: 1 },
      { messageId: 'b', body: 2 },
    ]);
    await client.close();
    const copy = copyOf(folder);
    const log = join(copy, 'queues.log');
    writeFileSync(log, readFileSync(log).subarray(0, -5));
    const restarted = await start(copy);
    expect(idsIn(restarted)).toEqual(['a']);
    const other = connect(restarted);
    await other.createSender('q').sendMessages({ messageId: 'c', body: 3 });
    await other.close();
    await restarted.close();
    appendFileSync(log, Buffer.alloc(40, 1));
    expect(idsIn(await start(copy))).toEqual(['a', 'c']);
  });

  it('shrinks at the start to what is still there, and never gives a number twice', async () => {
    const folder = newFolder();
    const bus = await start(folder);
    const client = connect(bus);
    await client.createSender('q').sendMessages({ body: 'x'.repeat(10_000) });
    const receiver = client.createReceiver('q');
    await receiver.completeMessage(await receiveOne(receiver));
    await client.close();
    await bus.close();
    const restarted = await start(folder);
    expect(statSync(join(folder, 'queues.log')).size).toBeLessThan(200);
    const other = connect(restarted);
    await other.createSender('q').sendMessages({ body: 1 });
    expect(restarted.queue('q').messages()).toMatchObject([{ sequenceNumber: 2 }]);
    await other.close();
  });

  it('does not grow with what comes and goes, and keeps what stays', async () => {
    const folder = newFolder();
    const options = { folder, durable: true, rewriteAfterBytes: 10_000 };
    const journal = await openFileJournal(options);
    const record = (sequenceNumber: number) =>
      journal.record('q', { kind: 'put', box: 'active', message: storedMessage(sequenceNumber) });
    record(1);
    for (let number = 2; number < 200; number += 1) {
      record(number);
      journal.record('q', { kind: 'remove', sequenceNumber: number });
      await journal.committed();
    }
    journal.record('q', { kind: 'attempts', sequenceNumber: 1, deliveryCount: 3 });
    await journal.close();
    expect(statSync(join(folder, 'queues.log')).size).toBeLessThan(25_000);
    const again = await openFileJournal(options);
    expect(again.saved('q')).toEqual({
      lastSequenceNumber: 199,
      entries: [{ box: 'active', message: { ...storedMessage(1), deliveryCount: 3 } }],
    });
    await again.close();
  });

  it('belongs to one server at a time, and a lock whose process is gone is taken over', async () => {
    const folder = newFolder();
    const bus = await start(folder);
    await expect(start(folder)).rejects.toThrow(/in use by process \d+: stop it/);
    await bus.close();
    // No process has this id: it is above the limit of every system.
    writeFileSync(join(folder, 'lock'), '2147483646');
    await start(folder);
  });
});
