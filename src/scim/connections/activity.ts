import type { Activity, Cycle } from '../types.ts';

/** What was called of one connection since the last note. */
export interface Calls {
  firstAt: Date;
  lastAt: Date;
  calls: number;
  users: number;
  groups: number;
  members: number;
  failures: number;
  testedAt?: Date;
  refusedAt?: Date;
}

/** Entra's cycles are about 40 minutes apart and without a pause in themselves. */
export const quietMs = 10 * 60_000;
const keptCycles = 6;

/** The activity with these calls in it (pure). The first cycle that wrote is kept for good. */
export function withCalls(activity: Activity, calls: Calls): Activity {
  const { testedAt = activity.testedAt, refusedAt = activity.refusedAt } = calls;
  const next: Activity = {
    ...{ version: activity.version + 1, cycles: activity.cycles },
    ...(testedAt && { testedAt }),
    ...(refusedAt && { refusedAt }),
  };
  const known = activity.firstCallAt && {
    firstCallAt: activity.firstCallAt,
    ...(activity.lastCallAt && { lastCallAt: activity.lastCallAt }),
  };
  if (calls.calls === 0) return { ...next, ...known };
  return {
    ...next,
    firstCallAt: activity.firstCallAt ?? calls.firstAt,
    lastCallAt: calls.lastAt,
    cycles: withCycle(activity.cycles, calls),
  };
}

export const wrote = ({ users, groups, members }: Cycle): boolean => users + groups + members > 0;

function withCycle(cycles: readonly Cycle[], calls: Calls): Cycle[] {
  const last = cycles.at(-1);
  const { firstAt, lastAt, users, groups, members, failures } = calls;
  const counted = { calls: calls.calls, users, groups, members, failures };
  if (!last || firstAt.getTime() - last.endedAt.getTime() > quietMs) {
    const begun = { startedAt: firstAt, endedAt: lastAt, ...counted };
    return kept([...cycles, begun]);
  }
  const grown: Cycle = {
    ...{ startedAt: last.startedAt, endedAt: lastAt, calls: last.calls + counted.calls },
    ...{ users: last.users + users, groups: last.groups + groups },
    ...{ members: last.members + members, failures: last.failures + failures },
  };
  return [...cycles.slice(0, -1), grown];
}

function kept(cycles: readonly Cycle[]): Cycle[] {
  const initial = cycles.find(wrote);
  const newest = cycles.slice(-keptCycles);
  return initial && !newest.includes(initial) ? [initial, ...newest] : newest;
}
