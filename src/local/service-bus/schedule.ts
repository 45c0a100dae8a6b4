import { Deadlines } from './deadlines.ts';
import type { StoredMessage } from './message.ts';

/** Messages that wait for their time. */
export class Schedule {
  readonly #messages = new Map<number, StoredMessage>();
  readonly #times = new Deadlines<number>();

  get size(): number {
    return this.#messages.size;
  }

  has({ sequenceNumber }: StoredMessage): boolean {
    return this.#messages.has(sequenceNumber);
  }

  add(message: StoredMessage): void {
    this.#messages.set(message.sequenceNumber, message);
    this.#times.set(message.sequenceNumber, message.scheduledFor ?? message.enqueuedAt);
  }

  /** False when there is no such message. */
  delete(sequenceNumber: number): boolean {
    this.#times.delete(sequenceNumber);
    return this.#messages.delete(sequenceNumber);
  }

  takeDue(now: number): StoredMessage[] {
    const due = this.#times.takeDue(now).map((number) => this.#messages.get(number));
    const messages = due.filter((message) => message !== undefined);
    for (const { sequenceNumber } of messages) this.#messages.delete(sequenceNumber);
    return messages;
  }

  /** Messages from a sequence number on, in no order. */
  from(sequenceNumber: number): StoredMessage[] {
    return [...this.#messages.values()].filter(
      (message) => message.sequenceNumber >= sequenceNumber,
    );
  }
}
