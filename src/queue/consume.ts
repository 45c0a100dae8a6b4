import { setMaxListeners } from 'node:events';
import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import type { HandleChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { noTracer, type Tracer } from '../ops/trace.ts';
import { objectKey } from './coalesce.ts';
import { defaultConsumerLimits, type ConsumerLimits } from './consumer-limits.ts';
import { emptyStats, type ConsumerStats } from './consumer-stats.ts';
import { openMessage } from './envelope.ts';
import { Gatherer } from './gather.ts';
import { handleBatch, type BatchDeps, type Held } from './handle-batch.ts';
import { createIntake, type Intake } from './intake.ts';
import type { SendMessages } from './publish.ts';
import { setAside } from './set-aside.ts';
import { isSplitDue } from './split.ts';

interface Consumer {
  /** Also takes up again after a pause. */
  start(): void;
  /** Receives nothing while a system that every change needs is away; what is in hand goes on. */
  pause(): Promise<void>;
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
  tracer = noTracer,
  ...capabilities
}: {
  client: ServiceBusClient;
  queueName: string;
  handle: HandleChanges;
  /** A publisher's `send`: what goes on is accepted before the message it came from is completed. */
  send: SendMessages;
  log: Log;
  clock: Clock;
  tracer?: Tracer;
  limits?: Partial<ConsumerLimits>;
  random?: () => number;
}): Consumer {
  const limits = { ...defaultConsumerLimits, ...given };
  const { clock, log } = capabilities;
  const stop = new AbortController();
  // Every micro-batch and send under way listens to it.
  setMaxListeners(0, stop.signal);
  const intake = createIntake({ client, queueName, limits, log });
  const stats = emptyStats();
  const deps: BatchDeps = {
    ...{ ...capabilities, tracer, random, stats },
    settle: intake.settle,
    signal: stop.signal,
    answerMs: limits.answerMs,
  };
  const gatherer = new Gatherer<Held>({
    run: (tenantId, items) => handleBatch(tenantId, items, deps),
    clock,
    limits,
  });

  return {
    stats,
    start: () => intake.start((message) => takeMessage(message, gatherer, deps)),
    pause: () => intake.stop(),
    close: async ({ deadlineMs }) => {
      const end = clock.now() + deadlineMs;
      gatherer.hurry();
      await stopInTime(intake, clock, deadlineMs);
      await emptied(stats, clock, end);
      stop.abort();
      await emptied(stats, clock, clock.now() + giveBackMs);
      await intake.close();
    },
  };
}

/** How long messages may take to be given back after the deadline. */
const giveBackMs = 1_000;

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
    await gatherer.add(set.tenantId, { message, set, parks }, set.changes.map(objectKey));
  }
  stats.inHand -= 1;
}

async function stopInTime(intake: Intake, clock: Clock, ms: number): Promise<void> {
  const stopped = new AbortController();
  await Promise.race([intake.stop().catch(() => undefined), clock.sleep(ms, stopped.signal)]);
  stopped.abort();
}

async function emptied(stats: ConsumerStats, clock: Clock, end: number): Promise<void> {
  while (stats.inHand > 0 && clock.now() < end) await clock.sleep(10);
}
