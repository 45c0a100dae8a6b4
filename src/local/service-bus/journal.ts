import type { BoxName, StoredMessage } from './message.ts';

/** One change of a queue's content. A put replaces what the same number held before, in whatever box. */
export type JournalEntry =
  | { kind: 'put'; queue: string; box: BoxName; message: StoredMessage }
  | { kind: 'remove'; queue: string; sequenceNumber: number }
  | { kind: 'attempts'; queue: string; sequenceNumber: number; deliveryCount: number }
  | { kind: 'lastNumber'; queue: string; sequenceNumber: number };

/** What a queue held when it was last open. */
export interface SavedQueue {
  lastSequenceNumber: number;
  entries: { box: BoxName; message: StoredMessage }[];
}

/** Where queues write their changes. */
export interface Journal {
  record(entry: JournalEntry): void;
  /** Resolves when every message recorded so far is safe, and rejects when it cannot be made so. */
  committed(): Promise<void>;
  saved(queue: string): SavedQueue;
  close(): Promise<void>;
}

/** Keeps nothing: content lives as long as the process. */
export const memoryJournal: Journal = {
  record: () => undefined,
  committed: () => Promise.resolve(),
  saved: () => ({ lastSequenceNumber: 0, entries: [] }),
  close: () => Promise.resolve(),
};
