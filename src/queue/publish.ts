import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { PublishChanges } from '../change.ts';
import { systemClock, type Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { cut, defaultSetBounds, type SetBounds } from './cut.ts';
import { toMessage, type OutgoingSet } from './envelope.ts';

/** Resolves once the broker has accepted every message; some may be there already where it rejects. */
export type SendMessages = (
  messages: readonly ServiceBusMessage[],
  signal?: AbortSignal,
) => Promise<void>;

interface Publisher {
  publish: PublishChanges;
  send: SendMessages;
  close(): Promise<void>;
}

/** The sending end of the queue; one per process. */
export function createPublisher({
  client,
  queueName,
  log,
  clock = systemClock,
  bounds = defaultSetBounds,
}: {
  client: ServiceBusClient;
  queueName: string;
  log: Log;
  clock?: Clock;
  bounds?: SetBounds;
}): Publisher {
  const sender = client.createSender(queueName);
  const send: SendMessages = (messages, signal) => sendAll(sender, messages, signal);
  return {
    send,
    publish: async (tenantId, changes, { signal, ...options } = {}) => {
      const messages = messagesOf({ tenantId, changes, ...options }, clock.now(), bounds);
      await send(messages, signal);
      log.debug({ tenantId, changes: changes.length, messages: messages.length }, 'changes queued');
    },
    close: () => sender.close(),
  };
}

/** The messages that carry the changes of a set, each small enough for the broker. */
export function messagesOf(
  set: OutgoingSet,
  now: number,
  bounds: SetBounds = defaultSetBounds,
): ServiceBusMessage[] {
  if (set.changes.length > 0 && set.changes.length <= bounds.maxChanges) {
    const whole = toMessage(set, now);
    if (bytesOf(whole) <= bounds.maxBytes) return [whole];
  }
  return cut(set.changes, bounds).map((changes) => toMessage({ ...set, changes }, now));
}

const bytesOf = ({ body }: ServiceBusMessage) => (body as Buffer).length;

async function sendAll(
  sender: ServiceBusSender,
  messages: readonly ServiceBusMessage[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const options = signal ? { abortSignal: signal } : {};
  const [only, ...others] = messages;
  if (!only) return;
  if (others.length === 0) return sender.sendMessages(only, options);

  let batch = await sender.createMessageBatch(options);
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    await sender.sendMessages(batch, options);
    batch = await sender.createMessageBatch(options);
    if (!batch.tryAddMessage(message))
      throw new Error('a change set is larger than a batch may be');
  }
  await sender.sendMessages(batch, options);
}
