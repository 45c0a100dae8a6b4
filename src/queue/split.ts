import type { Change, Outcome } from '../change.ts';
import { objectKey } from './coalesce.ts';
import type { OutgoingSet } from './envelope.ts';
import { parkDelayMs, retryDelayMs, spread } from './retry-times.ts';

/** A set in hand, as far as its settlement depends on it. */
interface HeldSet {
  changes: readonly Change[];
  parks: number;
}

export type Settlement =
  { kind: 'complete' } | { kind: 'deadLetter'; reason: string; description: string };

/** What a micro-batch comes to: the sends go first, then each set is settled. */
interface SettlementPlan {
  sends: OutgoingSet[];
  /** One for each set, in their order. */
  settlements: Settlement[];
  retried: number;
  parked: number;
}

/**
 * Decides what happens to the sets of one tenant whose objects, each once in `changes`, have `outcomes`.
 * A failing object goes on alone and what is parked goes on together, so every set can be settled now.
 */
export function planSettlement({
  tenantId,
  traceparent,
  sets,
  changes,
  outcomes,
  random,
}: {
  tenantId: string;
  traceparent?: string | undefined;
  sets: readonly HeldSet[];
  changes: readonly Change[];
  outcomes: readonly Outcome[];
  random: () => number;
}): SettlementPlan {
  const settlements = sets.map((): Settlement => ({ kind: 'complete' }));
  const loners = setsOfOne(sets);
  const parked = changes.filter((_, index) => outcomes[index]?.kind === 'park');
  const sends: OutgoingSet[] = [];
  let retried = 0;

  for (const [index, change] of changes.entries()) {
    const next = nextStep(change, outcomes[index] ?? noOutcome, random);
    const loner = loners.get(objectKey(change));
    if (next.kind === 'again') {
      sends.push({ tenantId, traceparent, changes: [next.change], delayMs: next.delayMs });
      retried += 1;
    } else if (next.kind === 'deadLetter' && loner !== undefined) {
      settlements[loner] = next;
    } else if (next.kind === 'deadLetter') {
      sends.push({ tenantId, traceparent, changes: [change] });
    }
  }
  if (parked.length > 0) {
    const parks = Math.max(...sets.map((set) => set.parks));
    const delayMs = longestWait(outcomes, random) ?? parkDelayMs(parks, random);
    sends.push({ tenantId, traceparent, changes: parked, delayMs, parks: parks + 1 });
  }
  return { sends, settlements, retried, parked: parked.length };
}

/** A set that has come back twice may be what kills its worker: its changes go on one by one. */
export function isSplitDue(deliveryCount: number | undefined, changes: number): boolean {
  // The service counts failed deliveries, so that a third one carries 2.
  return (deliveryCount ?? 0) >= 2 && changes > 1;
}

const noOutcome: Outcome = { kind: 'retry', reason: 'the handler gave no outcome' };

type NextStep =
  | { kind: 'nothing' }
  | { kind: 'again'; change: Change; delayMs: number }
  | Extract<Settlement, { kind: 'deadLetter' }>;

function nextStep(change: Change, outcome: Outcome, random: () => number): NextStep {
  if (outcome.kind === 'dead') {
    return { kind: 'deadLetter', reason: outcome.reason, description: outcome.description };
  }
  if (outcome.kind !== 'retry') return { kind: 'nothing' };
  const attempt = change.attempt + 1;
  const delayMs = retryDelayMs(attempt, random);
  if (delayMs === undefined) {
    return {
      kind: 'deadLetter',
      reason: 'TriedTooOften',
      description: `tried ${attempt} times; the last time: ${outcome.reason}`,
    };
  }
  const next = { ...(outcome.change ?? change), attempt };
  return { kind: 'again', change: next, delayMs: outcome.delayMs ?? delayMs };
}

/** The first set of one for each object: its dead letter can be made without sending it anew. */
function setsOfOne(sets: readonly HeldSet[]): Map<string, number> {
  const loners = new Map<string, number>();
  for (const [index, { changes }] of sets.entries()) {
    const [only] = changes;
    if (changes.length !== 1 || !only) continue;
    const key = objectKey(only);
    if (!loners.has(key)) loners.set(key, index);
  }
  return loners;
}

function longestWait(outcomes: readonly Outcome[], random: () => number): number | undefined {
  const waits = outcomes.flatMap((outcome) =>
    outcome.kind === 'park' && outcome.delayMs !== undefined ? [outcome.delayMs] : [],
  );
  return waits.length > 0 ? spread(Math.max(...waits), random) : undefined;
}
