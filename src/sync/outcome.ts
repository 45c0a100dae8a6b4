import type { Change, Outcome } from '../change.ts';
import type { Read } from '../graph/types.ts';

/** What a read means for its object: something to write, something to wait for, or an outcome at once. */
export type Judgement =
  | { kind: 'write'; found: Found }
  | { kind: 'wait'; ms: number }
  | { kind: 'outcome'; outcome: Outcome };

export type Found =
  | { state: 'active'; properties: Record<string, unknown>; managerId: string | null }
  | { state: 'softDeleted' | 'purged' };

const firstRetryMs = 2_000;

/**
 * Judges one read at the instant `now`. A missing object is purged only on evidence: an announced
 * deletion that this read confirms, or a second miss `replicationMs` after the first.
 */
export function judge(
  read: Read,
  change: Change,
  { now, replicationMs, counter }: { now: Date; replicationMs: number; counter: number },
): Judgement {
  switch (read.kind) {
    case 'found': {
      const { properties, managerId } = read.object;
      return { kind: 'write', found: { state: 'active', properties, managerId } };
    }
    case 'softDeleted':
      return { kind: 'write', found: { state: 'softDeleted' } };
    case 'missing':
      return judgeMissing(change, now, replicationMs, counter);
    case 'throttled':
      return { kind: 'wait', ms: read.retryAfterMs };
    case 'failed':
      return outcome({ kind: 'retry', reason: read.reason, change: hintOf(change, counter) });
    case 'refused':
      return outcome({ kind: 'dead', reason: read.code, description: read.message });
  }
}

function judgeMissing(
  change: Change,
  now: Date,
  replicationMs: number,
  counter: number,
): Judgement {
  const since = change.missingSince ? new Date(change.missingSince) : now;
  const leftMs = since.getTime() + replicationMs - now.getTime();
  if (change.changeType === 'deleted' || leftMs <= 0) {
    return { kind: 'write', found: { state: 'purged' } };
  }
  const first = change.missingSince === undefined;
  const attempt = first ? 0 : change.attempt;
  return outcome({
    kind: 'retry',
    reason: 'missing',
    delayMs: Math.min(firstRetryMs * 2 ** attempt, leftMs),
    change: { ...hintOf(change, counter), attempt, missingSince: since.toISOString() },
  });
}

/** The same change as a hint of ours, sent when the tenant's counter stood at `counter`. */
export function hintOf(change: Change, counter: number): Change {
  return { ...change, origin: 'hint', sentAtFence: counter };
}

const outcome = (of: Outcome): Judgement => ({ kind: 'outcome', outcome: of });
