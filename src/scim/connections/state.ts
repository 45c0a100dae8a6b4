import type { Cycle, StoredConnection } from '../types.ts';
import { quietMs, wrote } from './activity.ts';
import { isLive } from './secret.ts';

/** How a connection is, why, and what to do about it. */
interface ConnectionState {
  name: 'waiting' | 'initial' | 'live' | 'paused' | 'degraded' | 'quarantined';
  reason: string;
  advice: string;
  initialCycle?: InitialCycle;
}
interface InitialCycle {
  startedAt: Date;
  /** Null while it goes on. */
  completedAt: Date | null;
  users: number;
  groups: number;
  members: number;
}

const minute = 60_000;
const hour = 60 * minute;
/** Entra calls about every 40 minutes: three calls missed. */
const missedMs = 2 * hour;
/** In quarantine Entra comes back after 6, 12 and 24 hours. */
const quarantineMs = 5 * hour;

/** The state of a connection as its calls tell it (pure). */
export function stateOf(connection: StoredConnection, now: Date): ConnectionState {
  const initialCycle = initialCycleOf(connection.activity.cycles, now);
  return { ...verdict(connection, initialCycle, now), ...(initialCycle && { initialCycle }) };
}

type Verdict = Omit<ConnectionState, 'initialCycle'>;

function verdict(
  connection: StoredConnection,
  initial: InitialCycle | undefined,
  now: Date,
): Verdict {
  const { paused, mode, activity } = connection;
  if (paused) {
    return state('paused', 'An operator paused it; Entra is told to come back.', 'Resume it.');
  }
  if (mode === 'graph') return graphVerdict(connection);
  return secretTrouble(connection, now) ?? callVerdict(activity, initial, now);
}

function graphVerdict({ granted, proving }: StoredConnection): Verdict {
  if (proving) {
    const reason = 'Consent was given; Entra has not spread it yet.';
    return state('waiting', reason, 'Wait: it can take some minutes.');
  }
  if (granted === undefined) {
    const advice = 'Have an administrator of the tenant open the consent address.';
    return state('waiting', 'Nobody has consented yet.', advice);
  }
  const missing = missingPermissions(granted);
  if (missing.length === 0) return state('live', 'Consent was given.', 'Nothing to do.');
  const reason = `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not granted.`;
  return state('degraded', reason, 'Have an administrator of the tenant consent again.');
}

const neededPermissions = ['User.Read.All', 'Group.Read.All'];

export const missingPermissions = (granted: readonly string[]): string[] =>
  neededPermissions.filter((name) => !granted.includes(name));

export const superfluousPermissions = (granted: readonly string[]): string[] =>
  granted.filter((name) => !neededPermissions.includes(name));

function secretTrouble({ secrets, activity }: StoredConnection, now: Date): Verdict | undefined {
  if (secrets.some((secret) => isLive(secret, now))) {
    const { refusedAt, lastCallAt } = activity;
    if (!refusedAt || refusedAt <= (lastCallAt ?? new Date(0))) return undefined;
    const advice = 'Put the secret into Entra again, or rotate it, and test the connection there.';
    return state('degraded', 'The last call came with a wrong secret.', advice);
  }
  const reason = secrets.length === 0 ? 'It has no secret.' : 'Every secret has ended.';
  return state('degraded', reason, 'Rotate to make a secret and put it into Entra.');
}

function callVerdict(
  { lastCallAt, cycles }: StoredConnection['activity'],
  initial: InitialCycle | undefined,
  now: Date,
): Verdict {
  if (!lastCallAt) {
    const advice = 'Put tenant URL and secret into Entra and press Test Connection.';
    return state('waiting', 'Entra has not called yet.', advice);
  }
  if (!initial) {
    return state(
      'waiting',
      'Tested, but nothing was provisioned yet.',
      'Start provisioning in Entra.',
    );
  }
  if (initial.completedAt === null) {
    const { users, groups, members } = initial;
    const soFar = `${users} users, ${groups} groups, ${members} memberships so far.`;
    return state('initial', soFar, 'Wait: it takes up to 5 s for each user, group and member.');
  }
  return rhythm(cycles, now.getTime() - lastCallAt.getTime());
}

function rhythm(cycles: readonly Cycle[], silentMs: number): Verdict {
  if (silentMs > quarantineMs || lastPauseMs(cycles) > quarantineMs) {
    const reason = 'Entra calls seldom, as it does in quarantine, or was stopped.';
    const advice = 'Look at the provisioning page in Entra; mend its error and restart there.';
    return state('quarantined', reason, advice);
  }
  if (silentMs > missedMs) {
    const reason = `Entra has not called for ${Math.floor(silentMs / minute)} minutes.`;
    return state('degraded', reason, 'See in Entra whether provisioning is on.');
  }
  const last = cycles.at(-1);
  if (last && last.failures > last.calls * 0.4) {
    const reason = `${last.failures} of ${last.calls} calls of the last cycle failed.`;
    return state(
      'degraded',
      reason,
      'See the provisioning log in Entra: each failure has its reason.',
    );
  }
  return state('live', 'Entra calls and is answered.', 'Nothing to do.');
}

function lastPauseMs(cycles: readonly Cycle[]): number {
  const [before, last] = cycles.slice(-2);
  return before && last ? last.startedAt.getTime() - before.endedAt.getTime() : 0;
}

/** Over once Entra paused after it: its calls within a cycle follow one another. */
function initialCycleOf(cycles: readonly Cycle[], now: Date): InitialCycle | undefined {
  const first = cycles.find(wrote);
  if (!first) return undefined;
  const isOver = first !== cycles.at(-1) || now.getTime() - first.endedAt.getTime() > quietMs;
  const { startedAt, endedAt, users, groups, members } = first;
  return { startedAt, completedAt: isOver ? endedAt : null, users, groups, members };
}

const state = (name: Verdict['name'], reason: string, advice: string): Verdict => ({
  name,
  reason,
  advice,
});
