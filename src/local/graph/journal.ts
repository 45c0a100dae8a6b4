import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
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
  let saved = '';
  const file = openSync(path, 'a');
  return {
    entries,
    progress: existsSync(progressPath)
      ? (JSON.parse(readFileSync(progressPath, 'utf8')) as Progress)
      : undefined,
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    saveProgress(progress) {
      const text = JSON.stringify(progress);
      if (text === saved) return;
      saved = text;
      writeFileSync(`${progressPath}.new`, text);
      renameSync(`${progressPath}.new`, progressPath);
    },
    close: () => closeSync(file),
  };
}

/** Ids of the tenants whose journals are in a folder. */
export function journalled(dataDir: string | undefined): string[] {
  if (dataDir === undefined || !existsSync(dataDir)) return [];
  return readdirSync(dataDir).flatMap((name) => /^graph-(.+)\.ndjson$/.exec(name)?.[1] ?? []);
}

/** A last line that a crash cut off is dropped. */
function readEntries(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const entries: Entry[] = [];
  let start = 0;
  for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', start)) {
    entries.push(JSON.parse(bytes.toString('utf8', start, end)) as Entry);
    start = end + 1;
  }
  if (start < bytes.length) truncateSync(path, start);
  return entries;
}
