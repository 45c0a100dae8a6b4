import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
  existsSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DirectoryEvent } from './directory/event.ts';
import type { Subscription } from './notify/subscription.ts';
import type { Stats } from './stats.ts';

/** What a directory was made from; with it, the journal need not hold the first company. */
export interface Founding {
  seed: number;
  users: number;
  groups: number;
}

export type Entry =
  | { founding: Founding }
  | { event: DirectoryEvent }
  | { subscription: Subscription }
  | { removedSubscription: string };

/** What may be a second old after a crash. */
export interface Progress {
  settledUpTo: number;
  stats: Stats;
}

export interface Journal {
  entries: readonly Entry[];
  progress: Progress | undefined;
  /** Handed to the system before it returns: a killed process loses nothing that it showed. */
  append(entry: Entry): void;
  saveProgress(progress: Progress): void;
  close(): void;
}

/** The journal of one tenant in a folder, which is made where it is missing. */
export function openJournal(dataDir: string, tenantId: string): Journal {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, `graph-${tenantId}.ndjson`);
  const progressPath = join(dataDir, `graph-${tenantId}.progress.json`);
  const entries = readEntries(path);
  const file = openSync(path, 'a');
  return {
    entries,
    progress: existsSync(progressPath)
      ? (JSON.parse(readFileSync(progressPath, 'utf8')) as Progress)
      : undefined,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    saveProgress(progress) {
      writeFileSync(`${progressPath}.new`, JSON.stringify(progress));
      renameSync(`${progressPath}.new`, progressPath);
    },
    close: () => closeSync(file),
  };
}

/** A last line that a crash cut off is dropped. */
function readEntries(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) truncateSync(path, Buffer.byteLength(text.slice(0, end)));
  const lines = text.slice(0, end).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Entry);
}
