import { Deadlines } from './deadlines.ts';
import type { Journal } from './journal.ts';
import { MessageBox, type DeadLetterCause } from './message-box.ts';
import { withApplicationProperties } from './message-properties.ts';
import type { BoxName, IncomingMessage, StoredMessage } from './message.ts';
import type { QueueSettings } from './queue-config.ts';

export interface QueueStoreOptions {
  settings: QueueSettings;
  now: () => number;
  journal: Journal;
}

/** One queue: what is waiting, what is scheduled, and its dead letters. It knows no sockets and no timers. */
export class QueueStore {
  readonly settings: QueueSettings;
  readonly active: MessageBox;
  readonly dead: MessageBox;
  readonly #now: () => number;
  readonly #journal: Journal;
  readonly #scheduled = new Map<number, StoredMessage>();
  readonly #dueTimes = new Deadlines<number>();
  #lastSequenceNumber = 0;

  constructor({ settings, now, journal }: QueueStoreOptions) {
    this.settings = settings;
    this.#now = now;
    this.#journal = journal;
    this.active = this.#createBox('active', settings.maxDeliveryCount);
    this.dead = this.#createBox('dead', Infinity);
    this.#restore();
  }

  get counts(): { active: number; scheduled: number; locked: number; deadLettered: number } {
    const { ready, locked } = this.active.counts;
    const dead = this.dead.counts;
    return {
      active: ready,
      scheduled: this.#scheduled.size,
      locked,
      deadLettered: dead.ready + dead.locked,
    };
  }

  /** Takes a message in and returns its sequence number; a later time schedules it. */
  enqueue(incoming: IncomingMessage): number {
    const now = this.#now();
    const message = this.#stamp(incoming, now);
    if (incoming.scheduledFor !== undefined && incoming.scheduledFor > now) this.#schedule(message);
    else this.#activate(message);
    return message.sequenceNumber;
  }

  /** False when no message is scheduled under this number. */
  cancelScheduled(sequenceNumber: number): boolean {
    const known = this.#scheduled.delete(sequenceNumber);
    this.#dueTimes.delete(sequenceNumber);
    if (known) this.#recordRemoval(sequenceNumber);
    return known;
  }

  /** Messages of the queue from a sequence number on, scheduled ones included. */
  peek(from: number, count: number): StoredMessage[] {
    const scheduled = [...this.#scheduled.values()].filter(
      ({ sequenceNumber }) => sequenceNumber >= from,
    );
    return [...this.active.peek(from, count), ...scheduled]
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, count);
  }

  isScheduled({ sequenceNumber }: StoredMessage): boolean {
    return this.#scheduled.has(sequenceNumber);
  }

  /** Does what has become due by the clock. */
  tick(): void {
    for (const number of this.#dueTimes.takeDue(this.#now())) this.#publish(number);
    this.active.tick();
    this.dead.tick();
  }

  expireLocks(): void {
    this.active.expireLocks();
    this.dead.expireLocks();
  }

  #createBox(name: BoxName, maxDeliveryCount: number): MessageBox {
    return new MessageBox({
      now: this.#now,
      lockMs: this.settings.lockMs,
      maxDeliveryCount,
      expires: name === 'active',
      change: (message, properties) => this.#change(name, message, properties),
      onAttempts: ({ sequenceNumber }, deliveryCount) =>
        this.#journal.record({
          kind: 'attempts',
          queue: this.settings.name,
          sequenceNumber,
          deliveryCount,
        }),
      onRemoved: ({ sequenceNumber }) => this.#recordRemoval(sequenceNumber),
      onExpired: (message) => this.#expire(message),
      onDeadLetter: (message, cause) => this.#bury(message, cause),
    });
  }

  #restore(): void {
    const { lastSequenceNumber, entries } = this.#journal.saved(this.settings.name);
    this.#lastSequenceNumber = lastSequenceNumber;
    for (const { box, message } of entries) {
      if (box === 'scheduled') this.#keepScheduled(message);
      else this[box].add(message);
    }
  }

  #stamp(incoming: IncomingMessage, now: number): StoredMessage {
    const sequenceNumber = ++this.#lastSequenceNumber;
    const startsAt = Math.max(now, incoming.scheduledFor ?? 0);
    const timeToLiveMs = Math.min(incoming.timeToLiveMs ?? Infinity, this.settings.timeToLiveMs);
    return {
      ...incoming,
      sequenceNumber,
      enqueuedSequenceNumber: sequenceNumber,
      enqueuedAt: now,
      expiresAt: startsAt + timeToLiveMs,
      deliveryCount: 0,
    };
  }

  #activate(message: StoredMessage): void {
    this.#recordPut('active', message);
    this.active.add(message);
  }

  #schedule(message: StoredMessage): void {
    this.#recordPut('scheduled', message);
    this.#keepScheduled(message);
  }

  #keepScheduled(message: StoredMessage): void {
    this.#scheduled.set(message.sequenceNumber, message);
    this.#dueTimes.set(message.sequenceNumber, message.scheduledFor ?? 0);
  }

  #publish(scheduledNumber: number): void {
    const message = this.#scheduled.get(scheduledNumber);
    if (!message) return;
    this.#scheduled.delete(scheduledNumber);
    this.#activate({
      ...message,
      sequenceNumber: ++this.#lastSequenceNumber,
      enqueuedAt: this.#now(),
    });
    this.#recordRemoval(scheduledNumber);
  }

  #change(box: BoxName, message: StoredMessage, properties: Record<string, unknown>) {
    if (Object.keys(properties).length === 0) return message;
    const changed = withProperties(message, properties);
    this.#recordPut(box, changed);
    return changed;
  }

  #expire(message: StoredMessage): void {
    if (this.settings.deadLetterOnExpiration) this.#bury(message, expired);
    else this.#recordRemoval(message.sequenceNumber);
  }

  #bury(message: StoredMessage, cause: DeadLetterCause): void {
    const buried = withProperties(message, cause);
    this.#recordPut('dead', buried);
    this.dead.add(buried);
  }

  #recordPut(box: BoxName, message: StoredMessage): void {
    this.#journal.record({ kind: 'put', queue: this.settings.name, box, message });
  }

  #recordRemoval(sequenceNumber: number): void {
    this.#journal.record({ kind: 'remove', queue: this.settings.name, sequenceNumber });
  }
}

const expired: DeadLetterCause = {
  DeadLetterReason: 'TTLExpiredException',
  DeadLetterErrorDescription: 'The message expired and was dead lettered.',
};

function withProperties(message: StoredMessage, changes: Record<string, unknown>): StoredMessage {
  return { ...message, bare: withApplicationProperties(message.bare, changes) };
}
