import { randomUUID } from 'node:crypto';
import { Deadlines } from './deadlines.ts';
import type { Lock, StoredMessage } from './message.ts';

/** The locks of one entity: who holds which message, and until when. */
export class LockTable {
  readonly #now: () => number;
  readonly #lockMs: number;
  readonly #locks = new Map<string, Lock>();
  readonly #numbers = new Set<number>();
  readonly #ends = new Deadlines<string>();

  constructor({ now, lockMs }: { now: () => number; lockMs: number }) {
    this.#now = now;
    this.#lockMs = lockMs;
  }

  get size(): number {
    return this.#locks.size;
  }

  isLocked({ sequenceNumber }: StoredMessage): boolean {
    return this.#numbers.has(sequenceNumber);
  }

  lock(message: StoredMessage): Lock {
    const lock = { token: randomUUID(), message, until: this.#now() + this.#lockMs };
    this.#locks.set(lock.token, lock);
    this.#numbers.add(message.sequenceNumber);
    this.#ends.set(lock.token, lock.until);
    return lock;
  }

  /** The new end of the lock, or undefined when it is lost. */
  renew(token: string): number | undefined {
    const lock = this.#live(token);
    if (!lock) return undefined;
    lock.until = this.#now() + this.#lockMs;
    this.#ends.set(token, lock.until);
    return lock.until;
  }

  /** The message of a lock, which ends; undefined when it is lost. */
  unlock(token: string): StoredMessage | undefined {
    const lock = this.#live(token);
    return lock && this.#end(lock);
  }

  /** Ends the locks whose time is over and returns their messages. */
  takeExpired(): StoredMessage[] {
    return this.#ends
      .takeDue(this.#now())
      .map((token) => this.#locks.get(token))
      .filter((lock) => lock !== undefined)
      .map((lock) => this.#end(lock));
  }

  takeAll(): StoredMessage[] {
    return [...this.#locks.values()].map((lock) => this.#end(lock));
  }

  #live(token: string): Lock | undefined {
    const lock = this.#locks.get(token);
    return lock && lock.until > this.#now() ? lock : undefined;
  }

  #end({ token, message }: Lock): StoredMessage {
    this.#locks.delete(token);
    this.#numbers.delete(message.sequenceNumber);
    this.#ends.delete(token);
    return message;
  }
}
