import rhea from 'rhea';
import { z } from 'zod';
import { lockLost, type BusError } from './amqp-errors.ts';
import { parseMessage } from './incoming-message.ts';
import type { Journal } from './journal.ts';
import { tokenOfUuid } from './lock-token.ts';
import type { MessageBox } from './message-box.ts';
import { encodeDelivery } from './outgoing-message.ts';
import type { QueueStore } from './queue-store.ts';
import type { Reply, Request } from './request-link.ts';

interface ManagedEntity {
  queue: QueueStore;
  box: MessageBox;
  journal: Journal;
}

/** Answers a request to an entity's $management node. */
export async function manage(entity: ManagedEntity, { operation, body }: Request): Promise<Reply> {
  const perform = operations[operation ?? ''];
  if (!perform)
    return failure(501, {
      condition: 'amqp:not-implemented',
      description: `The local Service Bus does not offer the operation ${operation ?? '(none)'}.`,
    });
  try {
    return await perform(entity, body);
  } catch (error) {
    const description = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    return failure(400, { condition: 'amqp:invalid-field', description });
  }
}

type Operation = (entity: ManagedEntity, body: unknown) => Reply | Promise<Reply>;

const operations: Record<string, Operation> = {
  'com.microsoft:renew-lock': renewLocks,
  'com.microsoft:peek-message': peekMessages,
  'com.microsoft:schedule-message': scheduleMessages,
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:update-disposition': updateDisposition,
};

const uuidType = z.instanceof(Buffer).transform(tokenOfUuid);
const renewal = z.object({ 'lock-tokens': z.array(uuidType) });

function renewLocks({ box }: ManagedEntity, body: unknown): Reply {
  const ends = renewal.parse(body)['lock-tokens'].map((token) => box.renew(token));
  const held = ends.filter((end) => end !== undefined);
  if (held.length < ends.length) return failure(410, lockLost);
  return success({ expirations: rhea.types.wrap_array(held, amqpType.timestamp, undefined) });
}

const peek = z.object({ 'from-sequence-number': z.number(), 'message-count': z.number() });

function peekMessages({ queue, box }: ManagedEntity, body: unknown): Reply {
  const { 'from-sequence-number': from, 'message-count': count } = peek.parse(body);
  const messages = (box === queue.active ? queue : box).peek(from, count);
  if (messages.length === 0) return { applicationProperties: { statusCode: 204 } };
  return success({
    messages: messages.map((message) => ({
      message: encodeDelivery(message, { isScheduled: queue.isScheduled(message) }),
    })),
  });
}

const schedule = z.object({ messages: z.array(z.object({ message: z.instanceof(Buffer) })) });

async function scheduleMessages({ queue, journal }: ManagedEntity, body: unknown): Promise<Reply> {
  const { messages } = schedule.parse(body);
  const numbers = messages.map(({ message }) => queue.enqueue(parseMessage(message)));
  await journal.committed();
  return success({
    'sequence-numbers': rhea.types.wrap_array(numbers, amqpType.long, undefined),
  });
}

const cancellation = z.object({ 'sequence-numbers': z.array(z.number()) });

async function cancelScheduled({ queue, journal }: ManagedEntity, body: unknown): Promise<Reply> {
  const { 'sequence-numbers': numbers } = cancellation.parse(body);
  const known = numbers.map((number) => queue.cancelScheduled(number));
  await journal.committed();
  if (known.includes(false))
    return failure(404, {
      condition: 'com.microsoft:message-not-found',
      description: 'No message is scheduled under one of these sequence numbers.',
    });
  return success();
}

const disposition = z.object({
  'lock-tokens': z.array(uuidType),
  'disposition-status': z.enum(['completed', 'abandoned', 'suspended']),
  'deadletter-reason': z.string().optional(),
  'deadletter-description': z.string().optional(),
  'properties-to-modify': z.record(z.string(), z.unknown()).optional(),
});

function updateDisposition({ box }: ManagedEntity, body: unknown): Reply {
  const request = disposition.parse(body);
  const properties = request['properties-to-modify'] ?? {};
  const settle = {
    completed: (token: string) => box.complete(token),
    abandoned: (token: string) => box.abandon(token, properties),
    suspended: (token: string) =>
      box.deadLetter(token, {
        ...properties,
        DeadLetterReason: request['deadletter-reason'],
        DeadLetterErrorDescription: request['deadletter-description'],
      }),
  }[request['disposition-status']];
  const settled = request['lock-tokens'].map((token) => settle(token));
  return settled.includes(false) ? failure(410, lockLost) : success();
}

const amqpType = { long: 0x81, timestamp: 0x83 };

function success(body: unknown = null): Reply {
  return { applicationProperties: { statusCode: 200, statusDescription: 'OK' }, body };
}

function failure(statusCode: number, { condition, description }: BusError): Reply {
  return {
    applicationProperties: {
      statusCode,
      statusDescription: description,
      errorCondition: condition,
    },
  };
}
