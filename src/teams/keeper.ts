import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { syncTeam, type TeamDeps } from './sync-team.ts';
import type { StoredTeam } from './types.ts';

const everyMs = 2_000;
/** A rename or a deletion of a group changes no membership. */
const atLeastEveryMs = 10_000;

/** Keeps teams with their groups, within seconds; teams of a connection where nothing changed cost a look. */
export function createTeamKeeper(deps: TeamDeps & { clock: Clock; log: Log }) {
  const { clock, log } = deps;
  const closing = new AbortController();
  const seen = new Map<string, { changedAt: number; lookedAt: number }>();
  const run = (async () => {
    while (!closing.signal.aborted) {
      await keepAll(deps, seen).catch((error: unknown) => log.warn({ err: error }, 'teams wait'));
      await clock.sleep(everyMs, closing.signal);
    }
  })();
  return {
    close: async () => {
      closing.abort();
      await run;
    },
  };
}

async function keepAll(
  deps: TeamDeps & { clock: Clock; log: Log },
  seen: Map<string, { changedAt: number; lookedAt: number }>,
): Promise<void> {
  const byConnection = new Map<string, StoredTeam[]>();
  for (const team of await deps.store.all()) {
    const teams = byConnection.get(team.connectionId) ?? [];
    byConnection.set(team.connectionId, [...teams, team]);
  }
  const now = deps.clock.now();
  for (const [connectionId, teams] of byConnection) {
    const tenantIds = await deps.tenantsOf(connectionId).catch(() => undefined);
    if (!tenantIds) continue;
    const changedAt = (await deps.mirror.lastMembershipChange(tenantIds))?.getTime() ?? 0;
    const last = seen.get(connectionId);
    const isQuiet = last?.changedAt === changedAt && now - last.lookedAt < atLeastEveryMs;
    const due = isQuiet ? teams.filter(({ status }) => status === 'pending') : teams;
    if (!isQuiet) seen.set(connectionId, { changedAt, lookedAt: now });
    for (const team of due) await keep(deps, team);
  }
}

async function keep(deps: TeamDeps & { log: Log }, team: StoredTeam): Promise<void> {
  try {
    await syncTeam(deps, team);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await deps.store.setStatus(team._id, 'error', { reason });
    deps.log.warn({ err: error, team: team._id }, 'team not synced');
  }
}
