import type { Change } from '../change.ts';

/** Makes hints, sent when the tenant's counter stood at `counter`. */
export function hintsOf(
  refs: readonly (Pick<Change, 'type' | 'id'> &
    Partial<Pick<Change, 'changeType' | 'missingSince' | 'foundBy'>>)[],
  counter: number,
  nowMs: number,
): Change[] {
  const receivedAt = new Date(nowMs).toISOString();
  return refs.map(({ type, id, changeType = 'updated', missingSince, foundBy }) => ({
    type,
    id,
    changeType,
    origin: 'hint',
    receivedAt,
    attempt: 0,
    sentAtFence: counter,
    ...(missingSince !== undefined && { missingSince }),
    ...(foundBy && { foundBy }),
  }));
}
