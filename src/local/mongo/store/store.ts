import { Binary } from 'bson';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '../engine/collection.ts';
import type { Databases } from '../engine/databases.ts';
import { toBytes } from '../engine/document.ts';
import { lockFolder } from './lock.ts';
import { framed, LogWriter, readLog } from './log-file.ts';
import { Snapshot, type LogRecord } from './snapshot.ts';

export interface Store {
  /** Takes what changes from now on. */
  journal: Journal;
  /** Puts back what an earlier process had; to be called once, before anything changes. */
  restore(databases: Databases): void;
  /** Resolves once every change so far survives the end of the process. */
  flush: () => Promise<void>;
  close: () => Promise<void>;
}

/** A log in `dataDir`, or nothing at all without it. Rejects where another process has the folder. */
export async function openStore(dataDir: string | undefined): Promise<Store> {
  if (dataDir === undefined) return memoryStore;
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockFolder(dataDir);
  try {
    return await openLog(join(dataDir, 'mongo.log'), unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

const ignore = (): void => undefined;
const memoryStore: Store = {
  journal: { put: ignore, remove: ignore, define: ignore, drop: ignore },
  restore: ignore,
  flush: async () => undefined,
  close: async () => undefined,
};

/** A log more than twice as long as needed is written anew at the start. */
const worthCompacting = (records: number, needed: number): boolean => records > 2 * needed + 1_000;

async function openLog(path: string, unlock: () => Promise<void>): Promise<Store> {
  const { records, validBytes } = await readLog(path);
  const snapshot = Snapshot.of(records);
  const bytes = worthCompacting(records.length, snapshot.size)
    ? await rewrite(path, snapshot)
    : validBytes;
  const writer = await LogWriter.open(path, bytes);
  let restoring = false;
  const write = (record: LogRecord): void => {
    if (!restoring) writer.append(toBytes({ ...record }));
  };
  return {
    journal: {
      put: (ns, key, doc) =>
        write({ op: 'put', ns, key: keyBytes(key), doc: new Binary(toBytes(doc)) }),
      remove: (ns, key) => write({ op: 'remove', ns, key: keyBytes(key) }),
      define: (ns, indexes) => write({ op: 'define', ns, indexes }),
      drop: (ns) => write({ op: 'drop', ns }),
    },
    restore(databases) {
      restoring = true;
      snapshot.restoreInto(databases);
      restoring = false;
    },
    flush: () => writer.flush(),
    async close() {
      await writer.close();
      await unlock();
    },
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
