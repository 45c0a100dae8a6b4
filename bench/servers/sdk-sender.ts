import { openServiceBus } from '../../src/queue/connect.ts';
import type { Served } from '../support/child.ts';

const batchesInFlight = 8;

/** The bare SDK: one message per notification, in full batches, eight under way. */
export async function open({
  connectionString,
  queue,
}: {
  connectionString: string;
  queue: string;
}): Promise<Served> {
  const client = openServiceBus({ connectionString });
  const sender = client.createSender(queue);

  async function sendBatches(body: unknown, until: number): Promise<number> {
    let sent = 0;
    while (Date.now() < until) {
      const batch = await sender.createMessageBatch();
      while (batch.tryAddMessage({ body }));
      await sender.sendMessages(batch);
      sent += batch.count;
    }
    return sent;
  }
  return {
    ready: {},
    calls: {
      /** Notifications a second. */
      async send({ body, ms }: { body: unknown; ms: number }) {
        const began = Date.now();
        const lanes = Array.from({ length: batchesInFlight }, () => sendBatches(body, began + ms));
        const sent = (await Promise.all(lanes)).reduce((sum, count) => sum + count, 0);
        return (sent * 1_000) / (Date.now() - began);
      },
    },
    close: () => client.close(),
  };
}
