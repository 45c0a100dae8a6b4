import type { Change, PublishChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';

/** On HR's queue a change names an employee, and carries nothing of the person. */
export function hintOf(employeeId: string, now: number, origin: Change['origin'] = 'hint'): Change {
  return {
    type: 'user',
    id: employeeId,
    changeType: 'updated',
    origin,
    receivedAt: new Date(now).toISOString(),
    attempt: 0,
  };
}

/** Asks for employees to be dealt with. */
export function requestPeople(
  { publish, clock }: { publish: PublishChanges; clock: Clock },
  tenantId: string,
  employeeIds: readonly string[],
): Promise<void> {
  const hints = employeeIds.map((id) => hintOf(id, clock.now()));
  return hints.length === 0 ? Promise.resolve() : publish(tenantId, hints);
}
