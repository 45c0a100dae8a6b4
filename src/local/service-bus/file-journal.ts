import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppendLog } from './append-log.ts';
import { lockFolder } from './folder-lock.ts';
import { decodeRecords, encodeRecord } from './journal-records.ts';
import type { Journal, QueueChange, SavedQueue } from './journal.ts';

interface FileJournalOptions {
  folder: string;
  /** True: a message is safe once it is on the disk; false: once the operating system has it. */
  durable: boolean;
}

/**
 * Opens the journal of a folder, which it keeps for itself until it is closed. What is obsolete is dropped
 * from the file at that moment, and so is a record that a crash has cut.
 */
export async function openFileJournal({ folder, durable }: FileJournalOptions): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  const path = join(folder, 'queues.log');
  const contents = replay(await readLog(path));
  await compact(path, contents);
  const log = new AppendLog(await open(path, 'a'), durable);
  return {
    // A removal that a crash undoes only repeats a delivery: it is never worth waiting for the disk.
    record: (queue, change) =>
      log.append(encodeRecord(queue, change), { isVital: change.kind === 'put' }),
    committed: () => log.committed(),
    saved: (queue) => savedQueue(contents.get(queue)),
    close: () => log.close().finally(unlock),
  };
}

interface QueueContent {
  lastSequenceNumber: number;
  entries: Map<number, SavedQueue['entries'][number]>;
}

async function readLog(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
}

function replay(log: Buffer): Map<string, QueueContent> {
  const contents = new Map<string, QueueContent>();
  for (const { queue, change } of decodeRecords(log)) {
    const content = contents.get(queue) ?? { lastSequenceNumber: 0, entries: new Map() };
    contents.set(queue, content);
    apply(change, content);
  }
  return contents;
}

function apply(change: QueueChange, content: QueueContent): void {
  const number = change.kind === 'put' ? change.message.sequenceNumber : change.sequenceNumber;
  content.lastSequenceNumber = Math.max(content.lastSequenceNumber, number);
  if (change.kind === 'put') content.entries.set(number, change);
  if (change.kind === 'remove') content.entries.delete(number);
  const held = content.entries.get(number);
  if (change.kind === 'attempts' && held) held.message.deliveryCount = change.deliveryCount;
}

async function compact(path: string, contents: Map<string, QueueContent>): Promise<void> {
  const records: Buffer[] = [];
  for (const [queue, { lastSequenceNumber, entries }] of contents) {
    records.push(encodeRecord(queue, { kind: 'lastNumber', sequenceNumber: lastSequenceNumber }));
    for (const { box, message } of entries.values())
      records.push(encodeRecord(queue, { kind: 'put', box, message }));
  }
  const next = `${path}.next`;
  await writeFile(next, Buffer.concat(records), { flush: true });
  await rename(next, path);
}

function savedQueue(content: QueueContent | undefined): SavedQueue {
  return {
    lastSequenceNumber: content?.lastSequenceNumber ?? 0,
    entries: [...(content?.entries.values() ?? [])],
  };
}
