import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Change, ChangeSet, HandleChanges, Outcome } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import { TenantError, ThrottledError } from '../ops/errors.ts';
import type { Log } from '../ops/log.ts';
import type { Tracer } from '../ops/trace.ts';
import { coalesce } from './coalesce.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import { messagesOf, type SendMessages } from './publish.ts';
import { sendPersistently } from './send-persistently.ts';
import type { AnySettlement, Settle } from './settle.ts';
import { planSettlement } from './split.ts';
import { unlessAborted } from './unless-aborted.ts';

/** A message in hand with the set that it carries. */
export interface Held {
  message: ServiceBusReceivedMessage;
  set: ChangeSet;
  parks: number;
}

export interface BatchDeps {
  handle: HandleChanges;
  send: SendMessages;
  settle: Settle;
  log: Log;
  clock: Clock;
  tracer: Tracer;
  random: () => number;
  stats: ConsumerStats;
  /** Aborted when the consumer's deadline has passed. */
  signal: AbortSignal;
  /** How long the broker may take to answer. */
  answerMs: number;
}

/** Handles the sets of one tenant together and settles each; it never rejects. */
export async function handleBatch(
  tenantId: string,
  held: readonly Held[],
  deps: BatchDeps,
): Promise<void> {
  const traceparents = new Set(held.flatMap(({ set }) => set.traceparent ?? []));
  const [parent, ...links] = traceparents;
  const attributes = { tenantId, messages: held.length };
  const step = { name: 'handle changes', kind: 'consumer', parent, links, attributes } as const;
  await deps.tracer.step(step, (note) => handleHeld(tenantId, held, parent, deps, note));
}

async function handleHeld(
  tenantId: string,
  held: readonly Held[],
  parent: string | undefined,
  deps: BatchDeps,
  note: (counts: Record<string, number>) => void,
): Promise<void> {
  const { clock, random, stats, signal, tracer } = deps;
  const met = held.flatMap(({ set }) => set.changes);
  const changes = coalesce(met);
  const traceparent = tracer.traceparent() ?? parent;
  stats.batches += 1;
  stats.changes += met.length;
  stats.objects += changes.length;

  const outcomes = await outcomesOf(tenantId, changes, traceparent, deps);
  if (signal.aborted) return giveBack(held, deps);

  const sets = held.map(({ set, parks }) => ({ changes: set.changes, parks }));
  const plan = planSettlement({ tenantId, traceparent, sets, changes, outcomes, random });
  const messages = plan.sends.flatMap((set) => messagesOf(set, clock.now()));
  if (!(await sendPersistently(messages, deps))) return giveBack(held, deps);

  stats.retried += plan.retried;
  stats.parked += plan.parked;
  note({ objects: changes.length, retried: plan.retried, parked: plan.parked });
  await Promise.all(
    held.map(({ message }, index) =>
      settleCounted(message, plan.settlements[index] ?? { kind: 'complete' }, deps),
    ),
  );
}

/** Settles a message and counts what became of it. */
export async function settleCounted(
  message: ServiceBusReceivedMessage,
  settlement: AnySettlement,
  { settle, stats, log }: Pick<BatchDeps, 'settle' | 'stats' | 'log'>,
): Promise<void> {
  if (settlement.kind === 'deadLetter') {
    log.error({ messageId: message.messageId, reason: settlement.reason }, 'message dead-lettered');
  }
  const settled = await settle(message, settlement);
  if (settled !== 'settled') stats.unsettled += 1;
  else if (settlement.kind === 'complete') stats.completed += 1;
  else if (settlement.kind === 'deadLetter') stats.deadLettered += 1;
  else stats.abandoned += 1;
}

async function giveBack(held: readonly Held[], deps: BatchDeps): Promise<void> {
  await Promise.all(held.map(({ message }) => settleCounted(message, { kind: 'abandon' }, deps)));
}

/** A handler that throws did not judge its objects: each is tried again, unless the tenant must wait. */
async function outcomesOf(
  tenantId: string,
  changes: readonly Change[],
  traceparent: string | undefined,
  { handle, signal, log }: BatchDeps,
): Promise<Outcome[]> {
  try {
    return await unlessAborted(handle(tenantId, changes, { traceparent, signal }), signal);
  } catch (error) {
    if (!signal.aborted)
      log.warn({ err: error, tenantId, changes: changes.length }, 'batch failed');
    return changes.map(() => outcomeOfError(error));
  }
}

function outcomeOfError(error: unknown): Outcome {
  if (error instanceof ThrottledError) {
    return { kind: 'park', reason: error.message, delayMs: error.retryAfterMs };
  }
  if (error instanceof TenantError) return { kind: 'park', reason: error.message };
  return { kind: 'retry', reason: error instanceof Error ? error.message : 'unknown error' };
}
