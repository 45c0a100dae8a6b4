import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { forward, toMessage, type Opened } from './envelope.ts';
import { settleCounted, type BatchDeps } from './handle-batch.ts';
import { parkDelayMs } from './retry-times.ts';
import { sendPersistently } from './send-persistently.ts';

/**
 * Deals with a message whose changes are not handled now: one that nobody can read is dead-lettered, one of a newer
 * release is parked, and a set that keeps coming back is cut into sets of one.
 */
export async function setAside(
  message: ServiceBusReceivedMessage,
  opened: Opened,
  deps: BatchDeps,
): Promise<void> {
  if (opened.kind === 'malformed') {
    const { description } = opened;
    return settleCounted(message, { kind: 'deadLetter', reason: 'Malformed', description }, deps);
  }
  const now = deps.clock.now();
  const messages =
    opened.kind === 'newer'
      ? [forward(message, later(opened.parks, deps.random), now)]
      : opened.set.changes.map((change) => toMessage({ ...opened.set, changes: [change] }, now));
  const sent = await sendPersistently(messages, deps);
  await settleCounted(message, { kind: sent ? 'complete' : 'abandon' }, deps);
}

function later(parks: number, random: () => number) {
  return { delayMs: parkDelayMs(parks, random), parks: parks + 1 };
}
