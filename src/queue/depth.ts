import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import { peekAll } from './peek-all.ts';

interface QueueCount {
  /** Ready to be received, or in a worker's hand. */
  waiting: number;
  /** Sent to come back later: second looks, retries, parked sets. */
  scheduled: number;
  deadLettered: number;
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
        states(queue, limit),
        states(dead, limit),
      ]);
      const scheduled = messages.filter((state) => state === 'scheduled').length;
      return {
        waiting: messages.length - scheduled,
        scheduled,
        deadLettered: deadLetters.length,
        exact: messages.length < limit && deadLetters.length < limit,
      };
    },
    ping: async () => {
      await peekAll(queue, 1, AbortSignal.timeout(pingMs)).next();
    },
  };
}

const pingMs = 3_000;

async function states(receiver: ServiceBusReceiver, limit: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { state } of peekAll(receiver, limit)) found.push(state);
  return found;
}
