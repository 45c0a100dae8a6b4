import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import type { Log } from '../ops/log.ts';
import type { ConsumerLimits } from './consumer-limits.ts';
import { createSettle, type Settle } from './settle.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface Intake {
  /** `take` resolves when its message is settled; it never rejects. Starting what has started changes nothing. */
  start(take: (message: ServiceBusReceivedMessage) => Promise<void>): void;
  settle: Settle;
  /** Receives no more until started again; what was received can still be settled. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

interface Open {
  receiver: ServiceBusReceiver;
  settle: Settle;
  subscription?: { close(): Promise<void> };
}

/**
 * Receives messages and settles them. The SDK receives again after a lost connection, but goes on settling what came
 * before over the link that died, in vain. Only once that receiver is closed does it settle by lock token,
 * so an unanswered settlement replaces the receiver.
 */
export function createIntake({
  client,
  queueName,
  limits,
  log,
}: {
  client: ServiceBusClient;
  queueName: string;
  limits: ConsumerLimits;
  log: Log;
}): Intake {
  let take: ((message: ServiceBusReceivedMessage) => Promise<void>) | undefined;
  let current = open();

  function open(): Open {
    const receiver = client.createReceiver(queueName, {
      maxAutoLockRenewalDurationInMs: limits.lockRenewalMs,
    });
    const settle = createSettle({ receiver, log, answerMs: limits.answerMs });
    const subscription = take && subscribe(receiver, take, limits, log);
    return { receiver, settle, ...(subscription && { subscription }) };
  }

  async function replace(broken: Open): Promise<void> {
    if (broken !== current) return;
    current = open();
    await closedInTime(broken.receiver.close(), limits.answerMs);
  }

  return {
    start: (taker) => {
      if (take) return;
      take = taker;
      current.subscription = subscribe(current.receiver, taker, limits, log);
    },
    settle: async (message, settlement) => {
      const used = current;
      const settled = await used.settle(message, settlement);
      if (settled !== 'unanswered') return settled;
      await replace(used);
      return current.settle(message, settlement);
    },
    stop: async () => {
      take = undefined;
      const stopped = current;
      // One that does not stop would go on receiving over the next connection.
      const closed = await closedInTime(stopped.subscription?.close(), limits.answerMs);
      if (!closed) await replace(stopped);
    },
    close: () => current.receiver.close(),
  };
}

/** Over a broken connection the SDK may wait forever for what it closes. */
async function closedInTime(closing: Promise<void> | undefined, ms: number): Promise<boolean> {
  try {
    await unlessAborted(Promise.resolve(closing), AbortSignal.timeout(ms));
    return true;
  } catch {
    return false;
  }
}

function subscribe(
  receiver: ServiceBusReceiver,
  processMessage: (message: ServiceBusReceivedMessage) => Promise<void>,
  { maxMessages }: ConsumerLimits,
  log: Log,
): { close(): Promise<void> } {
  return receiver.subscribe(
    {
      processMessage,
      processError: async ({ error, errorSource }) =>
        log.warn({ err: error, errorSource }, 'queue trouble; the SDK tries again by itself'),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: maxMessages },
  );
}
