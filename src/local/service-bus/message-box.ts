import { randomUUID } from 'node:crypto';
import { Deadlines } from './deadlines.ts';
import type { Lock, PropertyChanges, StoredMessage } from './message.ts';
import { SequenceHeap } from './sequence-heap.ts';

/** Why a message goes to the dead-letter queue; the properties travel with it. */
export interface DeadLetterCause {
  DeadLetterReason?: unknown;
  DeadLetterErrorDescription?: unknown;
  [property: string]: unknown;
}

export interface MessageBoxOptions {
  now: () => number;
  lockMs: number;
  maxDeliveryCount: number;
  /** False for a dead-letter queue, where nothing expires. */
  expires: boolean;
  change: (message: StoredMessage, properties: PropertyChanges) => StoredMessage;
  /** Told at the start of a delivery, so that one that kills the process counts as well. */
  onAttempts: (message: StoredMessage, deliveryCount: number) => void;
  onRemoved: (message: StoredMessage) => void;
  onExpired: (message: StoredMessage) => void;
  onDeadLetter: (message: StoredMessage, cause: DeadLetterCause) => void;
}

/** The messages that receivers of one entity (a queue, or its dead-letter queue) compete for. */
export class MessageBox {
  readonly #options: MessageBoxOptions;
  readonly #messages = new Map<number, StoredMessage>();
  readonly #ready = new SequenceHeap();
  readonly #locks = new Map<string, Lock>();
  readonly #locked = new Set<number>();
  readonly #lockEnds = new Deadlines<string>();
  readonly #expiries = new Deadlines<number>();
  readonly #receivers = new Set<() => void>();

  constructor(options: MessageBoxOptions) {
    this.#options = options;
  }

  get counts(): { ready: number; locked: number } {
    return { ready: this.#messages.size - this.#locks.size, locked: this.#locks.size };
  }

  /** Calls `receiver` whenever a message may be waiting; returns the way to stop that. */
  onReady(receiver: () => void): () => void {
    this.#receivers.add(receiver);
    return () => this.#receivers.delete(receiver);
  }

  add(message: StoredMessage): void {
    this.#messages.set(message.sequenceNumber, message);
    this.#makeReady(message);
  }

  /** Locks the oldest waiting message for the caller. */
  take(): Lock | undefined {
    const message = this.#nextReady();
    if (!message) return undefined;
    const until = this.#options.now() + this.#options.lockMs;
    const lock = { token: randomUUID(), message, until };
    this.#locks.set(lock.token, lock);
    this.#locked.add(message.sequenceNumber);
    this.#lockEnds.set(lock.token, until);
    this.#options.onAttempts(message, message.deliveryCount + 1);
    return lock;
  }

  /** False: the lock is lost, and the message is somebody else's. So for every settlement. */
  complete(token: string): boolean {
    const message = this.#unlock(token);
    if (message) this.#remove(message);
    return message !== undefined;
  }

  abandon(token: string, properties: PropertyChanges = {}): boolean {
    const message = this.#unlock(token);
    if (message) this.#fail(this.#options.change(message, properties));
    return message !== undefined;
  }

  /** Gives a message back without a failed attempt. */
  release(token: string): boolean {
    const message = this.#unlock(token);
    if (message) {
      this.#options.onAttempts(message, message.deliveryCount);
      this.#makeReady(message);
    }
    return message !== undefined;
  }

  deadLetter(token: string, cause: DeadLetterCause): boolean {
    const message = this.#unlock(token);
    if (message) this.#bury(message, cause);
    return message !== undefined;
  }

  /** The new end of the lock, or undefined when it is lost. */
  renew(token: string): number | undefined {
    const lock = this.#liveLock(token);
    if (!lock) return undefined;
    lock.until = this.#options.now() + this.#options.lockMs;
    this.#lockEnds.set(token, lock.until);
    return lock.until;
  }

  /** Messages from a sequence number on, locked or not, oldest first. */
  peek(from: number, count: number): StoredMessage[] {
    return [...this.#messages.values()]
      .filter(({ sequenceNumber }) => sequenceNumber >= from)
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, count);
  }

  /** Does what has become due: locks end, messages expire. */
  tick(): void {
    const now = this.#options.now();
    for (const token of this.#lockEnds.takeDue(now)) this.#endLock(token);
    for (const number of this.#expiries.takeDue(now)) {
      const message = this.#messages.get(number);
      if (message && !this.#locked.has(number)) this.#expire(message);
    }
  }

  /** Ends every lock now, as if its time were over. */
  expireLocks(): void {
    for (const token of [...this.#locks.keys()]) this.#endLock(token);
  }

  #endLock(token: string): void {
    const message = this.#forgetLock(token);
    if (message) this.#fail(message);
  }

  #nextReady(): StoredMessage | undefined {
    for (let number = this.#ready.pop(); number !== undefined; number = this.#ready.pop()) {
      const message = this.#messages.get(number);
      if (!message) continue;
      if (this.#isExpired(message)) this.#expire(message);
      else return message;
    }
    return undefined;
  }

  #isExpired(message: StoredMessage): boolean {
    return this.#options.expires && message.expiresAt <= this.#options.now();
  }

  #makeReady(message: StoredMessage): void {
    this.#ready.push(message.sequenceNumber);
    if (this.#options.expires) this.#expiries.set(message.sequenceNumber, message.expiresAt);
    for (const receiver of this.#receivers) {
      if (this.#ready.size === 0) break;
      receiver();
    }
  }

  #liveLock(token: string): Lock | undefined {
    const lock = this.#locks.get(token);
    return lock && lock.until > this.#options.now() ? lock : undefined;
  }

  #unlock(token: string): StoredMessage | undefined {
    return this.#liveLock(token) && this.#forgetLock(token);
  }

  #forgetLock(token: string): StoredMessage | undefined {
    const lock = this.#locks.get(token);
    if (!lock) return undefined;
    this.#locks.delete(token);
    this.#locked.delete(lock.message.sequenceNumber);
    this.#lockEnds.delete(token);
    return lock.message;
  }

  #fail(message: StoredMessage): void {
    const failed = { ...message, deliveryCount: message.deliveryCount + 1 };
    this.#messages.set(failed.sequenceNumber, failed);
    if (failed.deliveryCount >= this.#options.maxDeliveryCount) {
      this.#bury(failed, tooManyDeliveries(this.#options.maxDeliveryCount));
      return;
    }
    this.#makeReady(failed);
  }

  #remove(message: StoredMessage): void {
    this.#forget(message);
    this.#options.onRemoved(message);
  }

  #expire(message: StoredMessage): void {
    this.#forget(message);
    this.#options.onExpired(message);
  }

  #bury(message: StoredMessage, cause: DeadLetterCause): void {
    this.#forget(message);
    this.#options.onDeadLetter(message, cause);
  }

  #forget({ sequenceNumber }: StoredMessage): void {
    this.#messages.delete(sequenceNumber);
    this.#expiries.delete(sequenceNumber);
  }
}

function tooManyDeliveries(count: number): DeadLetterCause {
  return {
    DeadLetterReason: 'MaxDeliveryCountExceeded',
    DeadLetterErrorDescription: `Message could not be consumed after ${count} delivery attempts.`,
  };
}
