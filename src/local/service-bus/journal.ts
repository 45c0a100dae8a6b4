import type { BoxName, StoredMessage } from './message.ts';

/** One change of a queue's content. A put replaces what the same number held before, in whatever box. */
export type QueueChange =
  | { kind: 'put'; box: BoxName; message: StoredMessage }
  | { kind: 'remove'; sequenceNumber: number }
  | { kind: 'attempts'; sequenceNumber: number; deliveryCount: number }
  | { kind: 'lastNumber'; sequenceNumber: number };

/** What a queue held when it was last open. */
export interface SavedQueue {
  lastSequenceNumber: number;
  entries: { box: BoxName; message: StoredMessage }[];
}

/** Where queues write their changes. */
export interface Journal {
  record(queue: string, change: QueueChange): void;
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
