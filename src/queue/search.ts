import type { ServiceBusClient } from '@azure/service-bus';
import type { Change } from '../change.ts';
import { openMessage } from './envelope.ts';
import { peekAll } from './peek-all.ts';

/** A change that waits in the queue. */
interface QueuedChange {
  change: Change;
  /** `scheduled`: it comes back at `dueAt`. */
  state: 'active' | 'deferred' | 'scheduled';
  dueAt: Date | null;
}

/** Changes of one object that wait in the queue, found by looking at up to `limit` messages. */
export async function searchQueue({
  client,
  queueName,
  id,
  limit = 1_000,
}: {
  client: ServiceBusClient;
  queueName: string;
  id: string;
  limit?: number;
}): Promise<QueuedChange[]> {
  const receiver = client.createReceiver(queueName);
  try {
    const found: QueuedChange[] = [];
    for await (const message of peekAll(receiver, limit)) {
      const opened = openMessage(message);
      const changes = opened.kind === 'set' ? opened.set.changes : [];
      const dueAt = message.scheduledEnqueueTimeUtc ?? null;
      for (const change of changes)
        if (change.id === id) found.push({ change, state: message.state, dueAt });
    }
    return found;
  } finally {
    await receiver.close();
  }
}
