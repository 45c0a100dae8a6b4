/** What a sender sent, cut into the parts that the broker looks at. Nothing in it is decoded further. */
export interface IncomingMessage {
  /** Milliseconds; absent means the queue's own time to live. */
  timeToLiveMs?: number;
  /** Milliseconds since the epoch. */
  scheduledFor?: number;
  /** The sender's message annotations: one encoded map. */
  annotations: Buffer;
  /** The encoded sections from the properties to the end. */
  bare: Buffer;
}

/** A message in a queue. Instants are milliseconds since the epoch. */
export interface StoredMessage extends IncomingMessage {
  timeToLiveMs: number;
  sequenceNumber: number;
  /** The number under which it was accepted; a scheduled message gets a new one when it is due. */
  enqueuedSequenceNumber: number;
  enqueuedAt: number;
  expiresAt: number;
  /** Deliveries that ended without success. */
  deliveryCount: number;
}

/** A message in the hands of one receiver until `until`. */
export interface Lock {
  token: string;
  message: StoredMessage;
  until: number;
}

export type BoxName = 'active' | 'scheduled' | 'dead';

/** Application properties that a settlement sets. */
export type PropertyChanges = Record<string, unknown>;
