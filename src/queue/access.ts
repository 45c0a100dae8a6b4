import type { ServiceBusClient } from '@azure/service-bus';
import { peekAll } from './peek-all.ts';

const limitMs = 10_000;

/** Opens the queue for receiving and for sending, and sends nothing; rejects where either is refused. */
export async function proveAccess(client: ServiceBusClient, queueName: string): Promise<void> {
  const receiver = client.createReceiver(queueName);
  const sender = client.createSender(queueName);
  try {
    await peekAll(receiver, 1, AbortSignal.timeout(limitMs)).next();
    // The size of a batch is the broker's to say, so that the link is opened.
    await sender.createMessageBatch({ abortSignal: AbortSignal.timeout(limitMs) });
  } finally {
    await Promise.all([receiver.close(), sender.close()]);
  }
}
