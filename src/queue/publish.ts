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
      const messages = setsOf({ tenantId, changes, ...options }, bounds).map((set) =>
        toMessage(set, clock.now()),
      );
      await send(messages, signal);
      log.debug({ tenantId, changes: changes.length, messages: messages.length }, 'changes queued');
    },
    close: () => sender.close(),
  };
}

/** The sets that carry the changes of one, each small enough for a message. */
export function setsOf(set: OutgoingSet, bounds?: SetBounds): OutgoingSet[] {
  return cut(set.changes, bounds).map((changes) => ({ ...set, changes }));
}

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
