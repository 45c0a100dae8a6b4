import { Deadlines } from './deadlines.ts';
import { LockTable } from './lock-table.ts';
import type { Lock, PropertyChanges, StoredMessage } from './message.ts';
import { SequenceHeap } from './sequence-heap.ts';

interface MessageBoxOptions {
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
  onDeadLetter: (message: StoredMessage, cause: PropertyChanges) => void;
}

/** The messages that receivers of one entity (a queue, or its dead-letter queue) compete for. */
export class MessageBox {
  readonly #options: MessageBoxOptions;
  readonly #messages = new Map<number, StoredMessage>();
  readonly #ready = new SequenceHeap();
  readonly #locks: LockTable;
  readonly #expiries = new Deadlines<number>();
  readonly #receivers = new Set<() => void>();

  constructor(options: MessageBoxOptions) {
    this.#options = options;
    this.#locks = new LockTable(options);
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
    this.#options.onAttempts(message, message.deliveryCount + 1);
    return this.#locks.lock(message);
  }

  /** False: the lock is lost, and the message is somebody else's. So for every settlement. */
  complete(token: string): boolean {
    return this.#settle(token, (message) => this.#remove(message));
  }

  abandon(token: string, properties: PropertyChanges = {}): boolean {
    return this.#settle(token, (message) => this.#fail(this.#options.change(message, properties)));
  }

  /** Gives a message back without a failed attempt. */
  release(token: string): boolean {
    return this.#settle(token, (message) => {
      this.#options.onAttempts(message, message.deliveryCount);
      this.#makeReady(message);
    });
  }

  /** `cause` becomes application properties of the dead letter. */
  deadLetter(token: string, cause: PropertyChanges): boolean {
    return this.#settle(token, (message) => this.#bury(message, cause));
  }

  /** The new end of the lock, or undefined when it is lost. */
  renew(token: string): number | undefined {
    return this.#locks.renew(token);
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
    for (const message of this.#locks.takeExpired()) this.#fail(message);
    for (const number of this.#expiries.takeDue(this.#options.now())) {
      const message = this.#messages.get(number);
      if (message && !this.#locks.isLocked(message)) this.#expire(message);
    }
  }

  /** Ends every lock now, as if its time were over. */
  expireLocks(): void {
    for (const message of this.#locks.takeAll()) this.#fail(message);
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

  #settle(token: string, perform: (message: StoredMessage) => void): boolean {
    const message = this.#locks.unlock(token);
    if (message) perform(message);
    return message !== undefined;
  }

  #fail(message: StoredMessage): void {
    const failed = { ...message, deliveryCount: message.deliveryCount + 1 };
    if (failed.deliveryCount >= this.#options.maxDeliveryCount)
      this.#bury(failed, tooManyDeliveries(this.#options.maxDeliveryCount));
    else this.add(failed);
  }

  #remove(message: StoredMessage): void {
    this.#forget(message);
    this.#options.onRemoved(message);
  }

  #expire(message: StoredMessage): void {
    this.#forget(message);
    this.#options.onExpired(message);
  }

  #bury(message: StoredMessage, cause: PropertyChanges): void {
    this.#forget(message);
    this.#options.onDeadLetter(message, cause);
  }

  #forget({ sequenceNumber }: StoredMessage): void {
    this.#messages.delete(sequenceNumber);
    this.#expiries.delete(sequenceNumber);
  }
}

function tooManyDeliveries(count: number): PropertyChanges {
  return {
    DeadLetterReason: 'MaxDeliveryCountExceeded',
    DeadLetterErrorDescription: `Message could not be consumed after ${count} delivery attempts.`,
  };
}
