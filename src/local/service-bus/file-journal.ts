import { mkdir, open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from './folder-lock.ts';
import { decodeRecords, encodeRecord } from './journal-records.ts';
import type { Journal, JournalEntry, SavedQueue } from './journal.ts';

export interface FileJournalOptions {
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
    record: (entry) => log.append(entry),
    committed: () => log.committed(),
    saved: (queue) => savedQueue(contents.get(queue)),
    close: async () => {
      await log.close();
      await unlock();
    },
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
  for (const entry of decodeRecords(log)) {
    const content = contents.get(entry.queue) ?? { lastSequenceNumber: 0, entries: new Map() };
    contents.set(entry.queue, content);
    apply(entry, content);
  }
  return contents;
}

function apply(entry: JournalEntry, content: QueueContent): void {
  const number = entry.kind === 'put' ? entry.message.sequenceNumber : entry.sequenceNumber;
  content.lastSequenceNumber = Math.max(content.lastSequenceNumber, number);
  if (entry.kind === 'put') content.entries.set(number, entry);
  if (entry.kind === 'remove') content.entries.delete(number);
  const held = content.entries.get(number);
  if (entry.kind === 'attempts' && held) held.message.deliveryCount = entry.deliveryCount;
}

async function compact(path: string, contents: Map<string, QueueContent>): Promise<void> {
  const records: Buffer[] = [];
  for (const [queue, { lastSequenceNumber, entries }] of contents) {
    records.push(encodeRecord({ kind: 'lastNumber', queue, sequenceNumber: lastSequenceNumber }));
    for (const { box, message } of entries.values())
      records.push(encodeRecord({ kind: 'put', queue, box, message }));
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

/** Appends in groups: whatever is recorded while one group is being written makes up the next. */
class AppendLog {
  readonly #file: FileHandle;
  readonly #durable: boolean;
  #pending: Buffer[] = [];
  #pendingMessages = false;
  #nextGroup: Promise<void> | undefined;
  #lastGroup = Promise.resolve();

  constructor(file: FileHandle, durable: boolean) {
    this.#file = file;
    this.#durable = durable;
  }

  append(entry: JournalEntry): void {
    this.#pending.push(encodeRecord(entry));
    this.#pendingMessages ||= entry.kind === 'put';
    if (this.#nextGroup) return;
    this.#nextGroup = this.#lastGroup.then(() => this.#writeGroup());
    this.#lastGroup = this.#nextGroup;
    // Whoever waits for the group hears of its failure; it may be that nobody does.
    this.#lastGroup.catch(() => undefined);
  }

  committed(): Promise<void> {
    return this.#lastGroup;
  }

  async close(): Promise<void> {
    await this.#lastGroup.finally(() => this.#file.close());
  }

  async #writeGroup(): Promise<void> {
    const group = Buffer.concat(this.#pending);
    // A removal that a crash undoes only repeats a delivery, so it is never worth waiting for the disk.
    const mustReachDisk = this.#durable && this.#pendingMessages;
    this.#pending = [];
    this.#pendingMessages = false;
    this.#nextGroup = undefined;
    await this.#file.appendFile(group);
    if (mustReachDisk) await this.#file.datasync();
  }
}
