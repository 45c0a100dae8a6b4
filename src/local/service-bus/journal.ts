import type { BoxName, StoredMessage } from './message.ts';

/** One change of a queue's content. A put replaces what the same number held before, in whatever box. */
export type JournalEntry =
  | { kind: 'put'; queue: string; box: BoxName; message: StoredMessage }
  | { kind: 'remove'; queue: string; sequenceNumber: number }
  | { kind: 'attempts'; queue: string; sequenceNumber: number; deliveryCount: number };

/** What a queue held when it was last open. */
export interface SavedQueue {
  lastSequenceNumber: number;
  entries: { box: BoxName; message: StoredMessage }[];
}

export interface Journal {
  record(entry: JournalEntry): void;
  /** Resolves when everything recorded so far is safe; undefined means that it is already. */
  committed(): Promise<void> | undefined;
  saved(queue: string): SavedQueue;
  close(): Promise<void>;
}

/** Keeps nothing: content lives as long as the process. */
export const memoryJournal: Journal = {
  record: () => undefined,
  committed: () => undefined,
  saved: () => ({ lastSequenceNumber: 0, entries: [] }),
  close: () => Promise.resolve(),
};
