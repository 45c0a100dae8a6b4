import { mkdir, open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openAppendLog } from './append-log.ts';
import { lockFolder } from './folder-lock.ts';
import { decodeRecords, encodeRecord } from './journal-records.ts';
import type { Journal, QueueChange, SavedQueue } from './journal.ts';

interface FileJournalOptions {
  folder: string;
  /** True: a message is safe once it is on the disk; false: once the operating system has it. */
  durable: boolean;
  rewriteAfterBytes?: number;
}

/**
 * Opens the journal of a folder, which it keeps for itself until it is closed. At the start, and when the
 * file has grown, it is rewritten without what is obsolete; a record that a crash has cut is dropped.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<Journal> {
  const { folder, durable, rewriteAfterBytes = 64 * 1024 * 1024 } = options;
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  const path = join(folder, 'queues.log');
  const contents = new JournalContents(await readLog(path));
  const rewrite = () => writeSnapshot(path, contents.encode());
  const log = await openAppendLog({ rewrite, rewriteAfterBytes, durable });
  return {
    record: (queue, change) => {
      contents.apply(queue, change);
      // A removal that a crash undoes only repeats a delivery: it is never worth waiting for the disk.
      log.append(encodeRecord(queue, change), { isVital: change.kind === 'put' });
    },
    committed: () => log.committed(),
    saved: (queue) => contents.of(queue),
    close: () => log.close().finally(unlock),
  };
}

async function readLog(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
}

async function writeSnapshot(path: string, snapshot: Buffer): Promise<FileHandle> {
  const next = `${path}.next`;
  await writeFile(next, snapshot, { flush: true });
  await rename(next, path);
  return open(path, 'a');
}

interface QueueContent {
  lastSequenceNumber: number;
  entries: Map<number, SavedQueue['entries'][number]>;
}

/** What the records of a log come to. */
class JournalContents {
  readonly #queues = new Map<string, QueueContent>();

  constructor(log: Buffer) {
    for (const { queue, change } of decodeRecords(log)) this.apply(queue, change);
  }

  apply(queue: string, change: QueueChange): void {
    const known = this.#queues.get(queue);
    const content: QueueContent = known ?? { lastSequenceNumber: 0, entries: new Map() };
    this.#queues.set(queue, content);
    const number = change.kind === 'put' ? change.message.sequenceNumber : change.sequenceNumber;
    content.lastSequenceNumber = Math.max(content.lastSequenceNumber, number);
    applyTo(content.entries, number, change);
  }

  of(queue: string): SavedQueue {
    const content = this.#queues.get(queue);
    return {
      lastSequenceNumber: content?.lastSequenceNumber ?? 0,
      entries: [...(content?.entries.values() ?? [])],
    };
  }

  /** The shortest log with this content. */
  encode(): Buffer {
    const records: Buffer[] = [];
    for (const [queue, { lastSequenceNumber, entries }] of this.#queues) {
      records.push(
        ...encodeRecord(queue, { kind: 'lastNumber', sequenceNumber: lastSequenceNumber }),
      );
      for (const { box, message } of entries.values())
        records.push(...encodeRecord(queue, { kind: 'put', box, message }));
    }
    return Buffer.concat(records);
  }
}

function applyTo(entries: QueueContent['entries'], number: number, change: QueueChange): void {
  if (change.kind === 'put') entries.set(number, { box: change.box, message: change.message });
  if (change.kind === 'remove') entries.delete(number);
  const held = entries.get(number);
  if (change.kind === 'attempts' && held) {
    const message = { ...held.message, deliveryCount: change.deliveryCount };
    entries.set(number, { box: held.box, message });
  }
}
