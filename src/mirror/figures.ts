import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';
import type { StoredFigures, StoredTenantFigures } from './types.ts';

type Snapshot = Pick<StoredFigures, 'counts' | 'lagMs' | 'tenants'>;

/** Publishes what this process has counted. */
export async function beat(
  deps: MirrorDeps,
  instanceId: string,
  roles: string[],
  figures: Snapshot & Pick<StoredFigures, 'lastReceiptAt'>,
): Promise<void> {
  const { counts, lagMs, tenants = {}, lastReceiptAt } = figures;
  const $set = { roles, counts, lagMs, tenants, lastReceiptAt, at: await now(deps) };
  const { collections } = deps;
  await retryOnce(() =>
    collections.figures.updateOne({ _id: instanceId }, { $set }, { upsert: true }),
  );
}

/** Heartbeats not older than `withinMs`. */
export async function heartbeats(deps: MirrorDeps, withinMs: number): Promise<StoredFigures[]> {
  const since = new Date((await now(deps)).getTime() - withinMs);
  return deps.collections.figures.find({ at: { $gte: since } }).toArray();
}

/** Figures of all processes as one: sums, and the times of the slowest. */
export function mergeFigures(all: readonly Snapshot[]) {
  const counts = new Map<string, number>();
  const tenants = new Map<string, StoredTenantFigures>();
  for (const { counts: own, tenants: ownTenants = {} } of all) {
    for (const [name, value] of Object.entries(own))
      counts.set(name, (counts.get(name) ?? 0) + value);
    for (const [id, figures] of Object.entries(ownTenants))
      tenants.set(id, mergeTenant(tenants.get(id), figures));
  }
  return {
    counts: Object.fromEntries(counts),
    lagMs: slowest(all.map(({ lagMs }) => lagMs)),
    tenants: Object.fromEntries(tenants),
  };
}

function mergeTenant(
  one: StoredTenantFigures | undefined,
  other: StoredTenantFigures,
): StoredTenantFigures {
  if (!one) return other;
  return {
    announced: one.announced + other.announced,
    lost: one.lost + other.lost,
    lagMs: slowest([one.lagMs, other.lagMs]),
    delayMs: slowest([one.delayMs, other.delayMs]),
  };
}

function slowest(times: readonly StoredFigures['lagMs'][]): StoredFigures['lagMs'] {
  const known = times.filter((time) => time !== null);
  if (known.length === 0) return null;
  const greatest = (of: 'p50' | 'p99') => Math.max(...known.map((time) => time[of]));
  return { p50: greatest('p50'), p99: greatest('p99') };
}
