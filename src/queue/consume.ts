import { setMaxListeners } from 'node:events';
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import type { HandleChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { defaultConsumerLimits, type ConsumerLimits } from './consumer-limits.ts';
import { emptyStats, type ConsumerStats } from './consumer-stats.ts';
import { openMessage } from './envelope.ts';
import { Gatherer } from './gather.ts';
import { handleBatch, type BatchDeps, type Held } from './handle-batch.ts';
import type { SendMessages } from './publish.ts';
import { setAside } from './set-aside.ts';
import { createSettle } from './settle.ts';
import { isSplitDue } from './split.ts';

export interface Consumer {
  start(): void;
  /** Stops the intake, finishes what is in hand until the deadline and gives the rest back. */
  close(options: { deadlineMs: number }): Promise<void>;
  readonly stats: Readonly<ConsumerStats>;
}

/** The receiving end of the queue: gathers change sets, has them handled, and settles each message. */
export function createConsumer({
  client,
  queueName,
  limits: given = {},
  random = Math.random,
  ...capabilities
}: {
  client: ServiceBusClient;
  queueName: string;
  handle: HandleChanges;
  /** A publisher's `send`: what goes on is accepted before the message it came from is completed. */
  send: SendMessages;
  log: Log;
  clock: Clock;
  limits?: Partial<ConsumerLimits>;
  random?: () => number;
}): Consumer {
  const limits = { ...defaultConsumerLimits, ...given };
  const { clock, log } = capabilities;
  const receiver = client.createReceiver(queueName, {
    maxAutoLockRenewalDurationInMs: limits.lockRenewalMs,
  });
  const stop = new AbortController();
  // Every micro-batch and send under way listens to it.
  setMaxListeners(0, stop.signal);
  const settle = createSettle(receiver, log);
  const stats = emptyStats();
  const deps: BatchDeps = { ...capabilities, random, stats, settle, signal: stop.signal };
  const gatherer = new Gatherer<Held>({
    run: (tenantId, items) => handleBatch(tenantId, items, deps),
    clock,
    limits,
  });
  let intake: Intake | undefined;

  return {
    stats,
    start: () => {
      const take = (message: ServiceBusReceivedMessage) => takeMessage(message, gatherer, deps);
      intake ??= subscribe(receiver, take, limits, log);
    },
    close: async ({ deadlineMs }) => {
      const end = clock.now() + deadlineMs;
      gatherer.hurry();
      await closeIntake(intake, clock, deadlineMs);
      await emptied(stats, clock, end);
      stop.abort();
      await emptied(stats, clock, clock.now() + giveBackMs);
      await receiver.close();
    },
  };
}

/** How long messages may take to be given back after the deadline. */
const giveBackMs = 1_000;

interface Intake {
  close(): Promise<void>;
}

function subscribe(
  receiver: ServiceBusReceiver,
  processMessage: (message: ServiceBusReceivedMessage) => Promise<void>,
  { maxMessages }: ConsumerLimits,
  log: Log,
): Intake {
  return receiver.subscribe(
    {
      processMessage,
      processError: async ({ error, errorSource }) =>
        log.warn({ err: error, errorSource }, 'queue trouble; the SDK tries again by itself'),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: maxMessages },
  );
}

/** Resolves when the message is settled, which is what gives the SDK room for the next one. */
async function takeMessage(
  message: ServiceBusReceivedMessage,
  gatherer: Gatherer<Held>,
  deps: BatchDeps,
): Promise<void> {
  const { stats } = deps;
  stats.received += 1;
  stats.inHand += 1;
  const opened = openMessage(message);
  if (opened.kind !== 'set' || isSplitDue(message.deliveryCount, opened.set.changes.length)) {
    await setAside(message, opened, deps);
  } else {
    const { set, parks } = opened;
    await gatherer.add(set.tenantId, { message, set, parks }, set.changes.length);
  }
  stats.inHand -= 1;
}

async function closeIntake(intake: Intake | undefined, clock: Clock, ms: number): Promise<void> {
  const closed = new AbortController();
  const closing = intake?.close().catch(() => undefined);
  await Promise.race([closing, clock.sleep(ms, closed.signal)]);
  closed.abort();
}

async function emptied(stats: ConsumerStats, clock: Clock, end: number): Promise<void> {
  while (stats.inHand > 0 && clock.now() < end) await clock.sleep(10);
}
