import {
  encodeList,
  encodeMap,
  encodeSection,
  itemsOf,
  nullValue,
  sectionCode,
} from './amqp-encoding.ts';
import { int, long, symbol, timestamp, uint } from './amqp-scalars.ts';
import type { StoredMessage } from './message.ts';

interface DeliveryFacts {
  /** Milliseconds since the epoch; absent for a message that is only looked at. */
  lockedUntil?: number;
  isScheduled?: boolean;
}

/** The bytes of a delivery: a header and annotations of the broker's before the sender's own bytes. */
export function encodeDelivery(message: StoredMessage, facts: DeliveryFacts): Buffer {
  return Buffer.concat([encodeHeader(message), encodeAnnotations(message, facts), message.bare]);
}

function encodeHeader({ timeToLiveMs, deliveryCount }: StoredMessage): Buffer {
  const fields = [nullValue, nullValue, uint(timeToLiveMs), nullValue, uint(deliveryCount)];
  return encodeSection(sectionCode.header, encodeList(fields));
}

const keys = {
  sequenceNumber: symbol('x-opt-sequence-number'),
  enqueuedSequenceNumber: symbol('x-opt-enqueue-sequence-number'),
  enqueuedAt: symbol('x-opt-enqueued-time'),
  lockedUntil: symbol('x-opt-locked-until'),
  scheduledFor: symbol('x-opt-scheduled-enqueue-time'),
  state: symbol('x-opt-message-state'),
};

const stateCode = { active: 0, scheduled: 2 };

function encodeAnnotations(message: StoredMessage, facts: DeliveryFacts): Buffer {
  const { lockedUntil, isScheduled = false } = facts;
  const items = [
    ...[keys.sequenceNumber, long(message.sequenceNumber)],
    ...[keys.enqueuedSequenceNumber, long(message.enqueuedSequenceNumber)],
    ...[keys.enqueuedAt, timestamp(message.enqueuedAt)],
    ...[keys.state, int(isScheduled ? stateCode.scheduled : stateCode.active)],
  ];
  if (lockedUntil !== undefined) items.push(keys.lockedUntil, timestamp(lockedUntil));
  if (message.scheduledFor !== undefined)
    items.push(keys.scheduledFor, timestamp(message.scheduledFor));
  return encodeSection(
    sectionCode.messageAnnotations,
    encodeMap([...items, ...itemsOf(message.annotations)]),
  );
}
