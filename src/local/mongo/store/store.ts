import { Binary } from 'bson';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '../engine/collection.ts';
import { Databases } from '../engine/databases.ts';
import { toBytes } from '../engine/document.ts';
import { lockFolder } from './lock.ts';
import { framed, LogWriter, readLog } from './log-file.ts';
import { Snapshot, type LogRecord } from './snapshot.ts';

interface Store {
  /** What an earlier process left; each change from now on is kept. */
  databases: Databases;
  /** Resolves once every change so far survives the end of the process. */
  flush: () => Promise<void>;
  close: () => Promise<void>;
}

/** A log in `dataDir`, or nothing but memory without it. Rejects where another process has the folder. */
export async function openStore(dataDir: string | undefined): Promise<Store> {
  if (dataDir === undefined) return memoryStore();
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockFolder(dataDir);
  try {
    const { databases, writer } = await openLog(join(dataDir, 'mongo.log'));
    const close = (): Promise<void> => writer.close().finally(unlock);
    return { databases, flush: () => writer.flush(), close };
  } catch (error) {
    await unlock();
    throw error;
  }
}

const ignore = (): void => undefined;
const silent: Journal = { put: ignore, remove: ignore, define: ignore, drop: ignore };

function memoryStore(): Store {
  const done = async (): Promise<void> => undefined;
  return { databases: new Databases(silent), flush: done, close: done };
}

/** A log more than twice as long as needed is written anew at the start. */
const worthCompacting = (records: number, needed: number): boolean => records > 2 * needed + 1_000;

async function openLog(path: string): Promise<{ databases: Databases; writer: LogWriter }> {
  const { records, validBytes } = await readLog(path);
  const snapshot = Snapshot.of(records);
  const bytes = worthCompacting(records.length, snapshot.size)
    ? await rewrite(path, snapshot)
    : validBytes;
  const writer = await LogWriter.open(path, bytes);
  const journal = { ...silent };
  const databases = new Databases(journal);
  snapshot.restoreInto(databases);
  // What was restored is in the log already.
  Object.assign(journal, journalTo(writer));
  return { databases, writer };
}

function journalTo(writer: LogWriter): Journal {
  const write = (record: LogRecord): void => writer.append(toBytes({ ...record }));
  return {
    put: (ns, key, doc) =>
      write({ op: 'put', ns, key: keyBytes(key), doc: new Binary(toBytes(doc)) }),
    remove: (ns, key) => write({ op: 'remove', ns, key: keyBytes(key) }),
    define: (ns, indexes) => write({ op: 'define', ns, indexes }),
    drop: (ns) => write({ op: 'drop', ns }),
  };
}

/** Under another name first, so that a crash leaves the old log or the new one. */
async function rewrite(path: string, snapshot: Snapshot): Promise<number> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w');
  let bytes = 0;
  try {
    for (const record of snapshot.records()) {
      const frame = framed(record);
      bytes += frame.length;
      await file.write(frame);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return bytes;
}

/** Keys are UTF-16 with halves of surrogates in them: no UTF-8 text. */
const keyBytes = (key: string): Binary => new Binary(Buffer.from(key, 'utf16le'));
