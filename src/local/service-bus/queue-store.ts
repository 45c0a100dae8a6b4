import type { Journal, QueueChange } from './journal.ts';
import { MessageBox } from './message-box.ts';
import { withApplicationProperties } from './message-properties.ts';
import type { BoxName, IncomingMessage, PropertyChanges, StoredMessage } from './message.ts';
import type { QueueSettings } from './queue-config.ts';
import { Schedule } from './schedule.ts';

interface QueueStoreOptions {
  settings: QueueSettings;
  now: () => number;
  journal: Journal;
}

export interface QueueCounts {
  /** Waiting, not locked. */
  active: number;
  scheduled: number;
  locked: number;
  deadLettered: number;
}

/** One queue: what is waiting, what is scheduled, and its dead letters. It knows no sockets and no timers. */
export class QueueStore {
  readonly settings: QueueSettings;
  readonly active: MessageBox;
  readonly dead: MessageBox;
  readonly #now: () => number;
  readonly #journal: Journal;
  readonly #schedule = new Schedule();
  #lastSequenceNumber = 0;

  constructor({ settings, now, journal }: QueueStoreOptions) {
    this.settings = settings;
    this.#now = now;
    this.#journal = journal;
    this.active = this.#createBox('active', settings.maxDeliveryCount);
    this.dead = this.#createBox('dead', Infinity);
    this.#restore();
  }

  get counts(): QueueCounts {
    const { ready, locked } = this.active.counts;
    const dead = this.dead.counts;
    return {
      active: ready,
      scheduled: this.#schedule.size,
      locked,
      deadLettered: dead.ready + dead.locked,
    };
  }

  /** Takes a message in and returns its sequence number; a later time schedules it. */
  enqueue(incoming: IncomingMessage): number {
    const message = this.#stamp(incoming);
    const isDue = message.scheduledFor === undefined || message.scheduledFor <= message.enqueuedAt;
    this.#put(isDue ? 'active' : 'scheduled', message);
    return message.sequenceNumber;
  }

  /** False when no message is scheduled under this number. */
  cancelScheduled(sequenceNumber: number): boolean {
    const known = this.#schedule.delete(sequenceNumber);
    if (known) this.#recordRemoval(sequenceNumber);
    return known;
  }

  /** Messages of the queue from a sequence number on, scheduled ones included. */
  peek(from: number, count: number): StoredMessage[] {
    return [...this.active.peek(from, count), ...this.#schedule.from(from)]
      .sort((a, b) => a.sequenceNumber - b.sequenceNumber)
      .slice(0, count);
  }

  isScheduled(message: StoredMessage): boolean {
    return this.#schedule.has(message);
  }

  /** Does what has become due by the clock. */
  tick(): void {
    for (const message of this.#schedule.takeDue(this.#now())) this.#publish(message);
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
        this.#record({ kind: 'attempts', sequenceNumber, deliveryCount }),
      onRemoved: ({ sequenceNumber }) => this.#recordRemoval(sequenceNumber),
      onExpired: (message) => this.#expire(message),
      onDeadLetter: (message, cause) => this.#put('dead', withProperties(message, cause)),
    });
  }

  #restore(): void {
    const { lastSequenceNumber, entries } = this.#journal.saved(this.settings.name);
    this.#lastSequenceNumber = lastSequenceNumber;
    for (const { box, message } of entries) this.#boxOf(box).add(message);
  }

  #stamp(incoming: IncomingMessage): StoredMessage {
    const sequenceNumber = ++this.#lastSequenceNumber;
    const enqueuedAt = this.#now();
    const startsAt = Math.max(enqueuedAt, incoming.scheduledFor ?? 0);
    const timeToLiveMs = Math.min(incoming.timeToLiveMs ?? Infinity, this.settings.timeToLiveMs);
    return {
      ...incoming,
      timeToLiveMs,
      sequenceNumber,
      enqueuedSequenceNumber: sequenceNumber,
      enqueuedAt,
      expiresAt: startsAt + timeToLiveMs,
      deliveryCount: 0,
    };
  }

  #publish(scheduled: StoredMessage): void {
    const sequenceNumber = ++this.#lastSequenceNumber;
    this.#put('active', { ...scheduled, sequenceNumber, enqueuedAt: this.#now() });
    this.#recordRemoval(scheduled.sequenceNumber);
  }

  #change(box: BoxName, message: StoredMessage, properties: PropertyChanges): StoredMessage {
    if (Object.keys(properties).length === 0) return message;
    const changed = withProperties(message, properties);
    this.#record({ kind: 'put', box, message: changed });
    return changed;
  }

  #expire(message: StoredMessage): void {
    if (this.settings.deadLetterOnExpiration) this.#put('dead', withProperties(message, expired));
    else this.#recordRemoval(message.sequenceNumber);
  }

  #put(box: BoxName, message: StoredMessage): void {
    this.#record({ kind: 'put', box, message });
    this.#boxOf(box).add(message);
  }

  #boxOf(name: BoxName): MessageBox | Schedule {
    return { active: this.active, scheduled: this.#schedule, dead: this.dead }[name];
  }

  #recordRemoval(sequenceNumber: number): void {
    this.#record({ kind: 'remove', sequenceNumber });
  }

  #record(change: QueueChange): void {
    this.#journal.record(this.settings.name, change);
  }
}

const expired: PropertyChanges = {
  DeadLetterReason: 'TTLExpiredException',
  DeadLetterErrorDescription: 'The message expired and was dead lettered.',
};

function withProperties(message: StoredMessage, changes: PropertyChanges): StoredMessage {
  return { ...message, bare: withApplicationProperties(message.bare, changes) };
}
