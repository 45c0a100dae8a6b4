import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Change, HandleChanges, Outcome } from '../../src/change.ts';
import { startLocalServiceBus } from '../../src/local/service-bus/server.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { silentLog } from '../../src/ops/log.ts';
import { openServiceBus } from '../../src/queue/connect.ts';
import { createConsumer } from '../../src/queue/consume.ts';
import type { ConsumerLimits } from '../../src/queue/consumer-limits.ts';
import { createPublisher } from '../../src/queue/publish.ts';

const quickRetries = {
  maxRetries: 5,
  retryDelayInMs: 20,
  maxRetryDelayInMs: 100,
  timeoutInMs: 2_000,
};

/** A queue of its own on a local Service Bus, with the product's publisher and consumers. */
export async function startQueue(config: { lockMs?: number; maxDeliveryCount?: number } = {}) {
  const queueName = 'changes';
  const server = await startLocalServiceBus({
    queues: [{ name: queueName, maxDeliveryCount: 100, ...config }],
  });
  const client = openServiceBus({ connectionString: server.connectionString }, quickRetries);
  const shared = { client, queueName, log: silentLog, clock: systemClock };
  const publisher = createPublisher(shared);
  const consumers: { close(options: { deadlineMs: number }): Promise<void> }[] = [];
  const queue = server.queue(queueName);

  return {
    ...{ server, client, queueName, publisher, queue, shared },
    startConsumer: (handle: HandleChanges, limits: Partial<ConsumerLimits> = {}) => {
      const deps = { ...shared, send: publisher.send, random: () => 0 };
      const consumer = createConsumer({ ...deps, handle, limits: { answerMs: 1_000, ...limits } });
      consumers.push(consumer);
      consumer.start();
      return consumer;
    },
    isEmpty: () => {
      const { active, scheduled, locked } = queue.counts;
      return active + scheduled + locked === 0;
    },
    /** The changes that wait in the queue, set by set. */
    waiting: () => queue.messages().map(({ body }) => changesIn(body)),
    dead: () => queue.deadLetters().map(({ body }) => changesIn(body)),
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close({ deadlineMs: 0 })));
      await client.close();
      await server.close();
    },
  };
}
export type Queue = Awaited<ReturnType<typeof startQueue>>;

/** Has every object handled by a decision of its own. */
export function handleEach(decide: (change: Change) => Outcome): HandleChanges {
  return async (_tenantId, changes) => changes.map(decide);
}

export const done: Outcome = { kind: 'done' };

export function idsOf({ body }: Pick<ServiceBusReceivedMessage, 'body'>): string[] {
  return (body as { changes: Change[] }).changes.map(({ id }) => id);
}

function changesIn(body: Buffer): Change[] {
  return (JSON.parse(body.toString()) as { changes: Change[] }).changes;
}
