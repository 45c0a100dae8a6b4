import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import { peekAll } from './peek-all.ts';

interface QueueCount {
  /** Ready to be received, or in a worker's hand. */
  waiting: number;
  /** Sent to come back later: second looks, retries, parked sets. */
  scheduled: number;
  deadLettered: number;
  /** When the oldest waiting message came, or came due; null where none waits. */
  oldestWaitingAt: Date | null;
  /** `false` where there are more than were counted. */
  exact: boolean;
}

interface Depth {
  /** Messages in the queue, counted by looking at up to `limit` of them. */
  count(): Promise<QueueCount>;
  /** Resolves where the queue answers within three seconds, else rejects. */
  ping(): Promise<void>;
}

/** How much the queue holds. It peeks, since counts of the service would need the right to manage it. */
export function createDepth({
  client,
  queueName,
  limit = 1_000,
}: {
  client: ServiceBusClient;
  queueName: string;
  limit?: number;
}): Depth {
  const queue = client.createReceiver(queueName);
  const dead = client.createReceiver(queueName, { subQueueType: 'deadLetter' });
  return {
    count: async () => {
      const [messages, deadLetters] = await Promise.all([
        peeked(queue, limit),
        peeked(dead, limit),
      ]);
      const waiting = messages.filter(({ state }) => state !== 'scheduled');
      return {
        waiting: waiting.length,
        scheduled: messages.length - waiting.length,
        deadLettered: deadLetters.length,
        oldestWaitingAt: earliest(waiting.map(waitsSince)),
        exact: messages.length < limit && deadLetters.length < limit,
      };
    },
    ping: async () => {
      await peekAll(queue, 1, AbortSignal.timeout(pingMs)).next();
    },
  };
}

const pingMs = 3_000;

async function peeked(receiver: ServiceBusReceiver, limit: number) {
  const found: ServiceBusReceivedMessage[] = [];
  for await (const message of peekAll(receiver, limit)) found.push(message);
  return found;
}

function waitsSince(message: ServiceBusReceivedMessage): Date {
  const { enqueuedTimeUtc, scheduledEnqueueTimeUtc } = message;
  const times = [enqueuedTimeUtc, scheduledEnqueueTimeUtc].map((time) => time?.getTime() ?? 0);
  return new Date(Math.max(...times));
}

const earliest = (times: readonly Date[]): Date | null =>
  times.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
