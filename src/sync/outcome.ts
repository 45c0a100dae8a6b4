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

/** What else bears on a judgement. */
interface Circumstances {
  now: Date;
  replicationMs: number;
  /** The tenant's counter as it stands. */
  counter: number;
  /** The mirror holds it as purged already, so that one more miss is no news. */
  isBuried: boolean;
}

const firstRetryMs = 2_000;

/** No try will make it smaller. */
export const tooLarge: Outcome = {
  kind: 'dead',
  reason: 'TooLarge',
  description:
    'Graph shows more of it than the 16 MB that MongoDB takes as a document; the mirror keeps what it had.',
};

/**
 * Judges one read. A missing object is purged only on evidence: an announced deletion that this read
 * confirms, or a second miss `replicationMs` after the first.
 */
export function judge(read: Read, change: Change, at: Circumstances): Judgement {
  switch (read.kind) {
    case 'found': {
      const { properties, managerId } = read.object;
      return { kind: 'write', found: { state: 'active', properties, managerId } };
    }
    case 'softDeleted':
      return { kind: 'write', found: { state: 'softDeleted' } };
    case 'missing':
      return judgeMissing(change, at);
    case 'throttled':
      return { kind: 'wait', ms: read.retryAfterMs };
    case 'failed':
      // An outage says nothing of the object, so it costs none of its attempts.
      if (read.away) return outcome({ kind: 'park', reason: read.reason });
      return outcome({ kind: 'retry', reason: read.reason, change: hintOf(change, at.counter) });
    case 'refused':
      return outcome({ kind: 'dead', reason: read.code, description: read.message });
  }
}

function judgeMissing(change: Change, at: Circumstances): Judgement {
  const since = change.missingSince ? new Date(change.missingSince) : at.now;
  const leftMs = since.getTime() + at.replicationMs - at.now.getTime();
  if (change.changeType === 'deleted' || leftMs <= 0 || at.isBuried) {
    return { kind: 'write', found: { state: 'purged' } };
  }
  const attempt = change.missingSince === undefined ? 0 : change.attempt;
  const hint = hintOf(change, at.counter);
  return outcome({
    kind: 'retry',
    reason: 'missing',
    delayMs: Math.min(firstRetryMs * 2 ** attempt, leftMs),
    change: { ...hint, attempt, missingSince: since.toISOString() },
  });
}

/** The same change as a hint of ours, sent when the tenant's counter stood at `counter`. */
function hintOf(change: Change, counter: number): Change {
  return { ...change, origin: 'hint', sentAtFence: counter };
}

const outcome = (of: Outcome): Judgement => ({ kind: 'outcome', outcome: of });
