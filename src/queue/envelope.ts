import { randomUUID } from 'node:crypto';
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { CHANGE_SET_VERSION, changeSetSchema, type Change, type ChangeSet } from '../change.ts';
import { z } from 'zod';

/** A change set on its way to the queue. */
export interface OutgoingSet {
  tenantId: string;
  changes: readonly Change[];
  traceparent?: string | undefined;
  delayMs?: number | undefined;
  /** How often it has been parked. */
  parks?: number | undefined;
}

export type Opened =
  | { kind: 'set'; set: ChangeSet; parks: number }
  /** Written by a newer release: a reader that knows it will come. */
  | { kind: 'newer'; version: number; parks: number }
  | { kind: 'malformed'; description: string };

/** Ids are random: two real changes may look the same, and the SDK renews locks by message id. */
export function toMessage(set: OutgoingSet, now: number, newId = randomUUID): ServiceBusMessage {
  const { tenantId, changes, traceparent, delayMs, parks } = set;
  const readable = { version: CHANGE_SET_VERSION, tenantId, changes } satisfies ReadableSet;
  // The bytes that the SDK would write.
  const body = Buffer.from(JSON.stringify(readable));
  return stamp(
    { body, contentType: 'application/json' },
    { traceparent, delayMs, parks },
    now,
    newId,
  );
}

/** The same body once more, whatever it says, as a new message. */
export function forward(
  { body, contentType, applicationProperties }: ServiceBusReceivedMessage,
  { delayMs, parks }: { delayMs?: number; parks?: number },
  now: number,
): ServiceBusMessage {
  const traceparent = textProperty(applicationProperties, 'traceparent');
  const message = { body: body as unknown, ...(contentType !== undefined && { contentType }) };
  return stamp(message, { traceparent, delayMs, parks }, now, randomUUID);
}

export function openMessage(message: ServiceBusReceivedMessage): Opened {
  const properties = message.applicationProperties;
  const parks = countProperty(properties, 'parks');
  const header = z.object({ version: z.int() }).safeParse(message.body);
  if (header.success && header.data.version > CHANGE_SET_VERSION) {
    return { kind: 'newer', version: header.data.version, parks };
  }
  const parsed = changeSetSchema.safeParse(message.body);
  if (!parsed.success) return { kind: 'malformed', description: z.prettifyError(parsed.error) };
  const traceparent = textProperty(properties, 'traceparent');
  return { kind: 'set', set: { ...parsed.data, ...(traceparent && { traceparent }) }, parks };
}

type ReadableSet = Omit<ChangeSet, 'changes'> & { changes: readonly Change[] };
type Properties = ServiceBusReceivedMessage['applicationProperties'];

function stamp(
  message: ServiceBusMessage,
  { traceparent, delayMs = 0, parks = 0 }: Partial<OutgoingSet>,
  now: number,
  newId: () => string,
): ServiceBusMessage {
  return {
    ...message,
    messageId: newId(),
    applicationProperties: { ...(traceparent && { traceparent }), ...(parks > 0 && { parks }) },
    ...(delayMs > 0 && { scheduledEnqueueTimeUtc: new Date(now + delayMs) }),
  };
}

function textProperty(properties: Properties, name: string): string | undefined {
  const value = properties?.[name];
  return typeof value === 'string' && value.length <= 64 ? value : undefined;
}

function countProperty(properties: Properties, name: string): number {
  const value = properties?.[name];
  return typeof value === 'number' && value > 0 ? value : 0;
}
