import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Change } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { forward, openMessage, toMessage } from './envelope.ts';
import { peekAll } from './peek-all.ts';
import type { SendMessages } from './publish.ts';
import { createSettle, type Settle } from './settle.ts';

/** A message that could not be handled, and why. */
export interface DeadLetter {
  id: string;
  reason: string;
  description: string;
  /** Absent where nobody can read it. */
  tenantId?: string;
  changes: readonly Change[];
  enqueuedAt: Date | undefined;
}

/** Which dead letters are meant: `ids` are message ids. */
export type Selection = { all: true } | { ids: readonly string[] } | { reason: string };

export interface DeadLetters {
  /** The oldest ones first. */
  list(limit: number): Promise<DeadLetter[]>;
  /** Sends them once more with no tries counted; how many were. Up to 1,000 are looked at in one call. */
  replay(selection: Selection): Promise<number>;
  /** Replays, as sets of one, what the broker gave up on and nobody has judged; how many messages there were. */
  replayUnfinished(): Promise<number>;
  /** Deletes them for good; how many were. */
  purge(selection: Selection): Promise<number>;
}

/** What lies in the queue's dead-letter queue. */
export function createDeadLetters(deps: {
  client: ServiceBusClient;
  queueName: string;
  /** A publisher's `send`. */
  send: SendMessages;
  clock: Clock;
  log: Log;
}): DeadLetters {
  const { client, queueName, send, clock } = deps;
  const peeker = client.createReceiver(queueName, { subQueueType: 'deadLetter' });

  async function find(isMeant: IsMeant): Promise<ServiceBusReceivedMessage[]> {
    const found = [];
    for await (const message of peekAll(peeker, maxLooked))
      if (isMeant(message)) found.push(message);
    return found;
  }
  async function take(isMeant: IsMeant, deal: Deal): Promise<number> {
    const wanted = (await find(isMeant)).map(sequenceOf);
    return wanted.length === 0 ? 0 : takeOut(new Set(wanted), deal, deps);
  }

  return {
    list: async (limit) => {
      const letters = [];
      for await (const message of peekAll(peeker, limit)) letters.push(describe(message));
      return letters;
    },
    replay: (selection) =>
      take(selects(selection), (messages) =>
        send(messages.flatMap((message) => fresh(message, 'together', clock.now()))),
      ),
    replayUnfinished: () =>
      take(isUnfinished, (messages) =>
        send(messages.flatMap((message) => fresh(message, 'oneByOne', clock.now()))),
      ),
    purge: (selection) => take(selects(selection), async () => undefined),
  };
}

type IsMeant = (message: ServiceBusReceivedMessage) => boolean;
type Deal = (messages: readonly ServiceBusReceivedMessage[]) => Promise<void>;

/** Messages held at once; the SDK cannot hold more than 2,048 of a receiver. */
const maxLooked = 1_000;
const pageSize = 100;

function selects(selection: Selection): IsMeant {
  if ('all' in selection) return () => true;
  if ('reason' in selection) return ({ deadLetterReason }) => deadLetterReason === selection.reason;
  const ids = new Set(selection.ids);
  return ({ messageId }) => ids.has(String(messageId));
}

/** The broker's own reasons: delivered too often, or expired. */
function isUnfinished({ deadLetterReason = '' }: ServiceBusReceivedMessage): boolean {
  return ['MaxDeliveryCountExceeded', 'TTLExpiredException'].includes(deadLetterReason);
}

function describe(message: ServiceBusReceivedMessage): DeadLetter {
  const opened = openMessage(message);
  return {
    id: String(message.messageId),
    reason: message.deadLetterReason ?? '',
    description: message.deadLetterErrorDescription ?? '',
    changes: opened.kind === 'set' ? opened.set.changes : [],
    enqueuedAt: message.enqueuedTimeUtc,
    ...(opened.kind === 'set' && { tenantId: opened.set.tenantId }),
  };
}

function fresh(message: ServiceBusReceivedMessage, how: 'together' | 'oneByOne', now: number) {
  const opened = openMessage(message);
  if (opened.kind !== 'set') return [forward(message, {}, now)];
  const changes = opened.set.changes.map((change) => ({ ...change, attempt: 0 }));
  const sets = how === 'together' ? [changes] : changes.map((change) => [change]);
  return sets.map((set) => toMessage({ ...opened.set, changes: set }, now));
}

/** Receives until all that are wanted have been dealt with; the others are given back at the end, or they would come again. */
async function takeOut(
  wanted: Set<string>,
  deal: Deal,
  { client, queueName, log }: { client: ServiceBusClient; queueName: string; log: Log },
): Promise<number> {
  const receiver = client.createReceiver(queueName, { subQueueType: 'deadLetter' });
  const settle = createSettle({ receiver, log });
  const others: ServiceBusReceivedMessage[] = [];
  let taken = 0;
  try {
    while (wanted.size > 0 && others.length < maxLooked) {
      const page = await receiver.receiveMessages(pageSize, { maxWaitTimeInMs: 2_000 });
      if (page.length === 0) break;
      const chosen = page.filter((message) => wanted.delete(sequenceOf(message)));
      others.push(...page.filter((message) => !chosen.includes(message)));
      taken += await dealWith(chosen, deal, settle);
    }
  } finally {
    await Promise.all(others.map((message) => settle(message, { kind: 'abandon' })));
    await receiver.close();
  }
  return taken;
}

/** The new message is accepted before the old one is completed: a crash between repeats work and loses none. */
async function dealWith(
  chosen: readonly ServiceBusReceivedMessage[],
  deal: Deal,
  settle: Settle,
): Promise<number> {
  try {
    await deal(chosen);
  } catch (error) {
    await Promise.all(chosen.map((message) => settle(message, { kind: 'abandon' })));
    throw error;
  }
  const settled = await Promise.all(chosen.map((message) => settle(message, { kind: 'complete' })));
  return settled.filter((outcome) => outcome === 'settled').length;
}

function sequenceOf({ sequenceNumber }: ServiceBusReceivedMessage): string {
  return String(sequenceNumber);
}
