import type { Change } from '../change.ts';

/** Copies of one object become one change, in the order of their first copies. */
export function coalesce(changes: Iterable<Change>): Change[] {
  const merged = new Map<string, Change>();
  for (const change of changes) {
    const key = objectKey(change);
    const met = merged.get(key);
    merged.set(key, met ? merge(met, change) : change);
  }
  return [...merged.values()];
}

/** Names what a change is about; lifecycle events of one subscription ask for different things. */
export function objectKey({ type, id, lifecycle }: Change): string {
  return lifecycle ? `${type}/${id}/${lifecycle}` : `${type}/${id}`;
}

function merge(a: Change, b: Change): Change {
  const [first, second] = Date.parse(b.receivedAt) < Date.parse(a.receivedAt) ? [b, a] : [a, b];
  const sentAtFence = commonFence(a, b);
  const missingSince = earliest(a.missingSince, b.missingSince);
  const merged: Change = {
    ...second,
    ...first,
    changeType: a.changeType === 'deleted' ? 'deleted' : b.changeType,
    origin: strongestOrigin(a, b),
    attempt: Math.max(a.attempt, b.attempt),
    ...(missingSince !== undefined && { missingSince }),
  };
  if (sentAtFence === undefined) delete merged.sentAtFence;
  else merged.sentAtFence = sentAtFence;
  return merged;
}

/** A merged copy may be skipped as already read only where each of its copies may. */
function commonFence(a: Change, b: Change): number | undefined {
  if (a.sentAtFence === undefined || b.sentAtFence === undefined) return undefined;
  return Math.max(a.sentAtFence, b.sentAtFence);
}

function earliest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(b) < Date.parse(a) ? b : a;
}

/** It is a second look only if all copies are; a notification among them asks for more than a hint. */
function strongestOrigin(a: Change, b: Change): Change['origin'] {
  const origins = [a.origin, b.origin];
  if (origins.includes('notification')) return 'notification';
  return origins.includes('hint') ? 'hint' : 'secondLook';
}
