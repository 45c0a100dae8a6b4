import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';
import type { StoredFigures } from './types.ts';

type Snapshot = Pick<StoredFigures, 'counts' | 'lagMs'>;

/** Publishes what this process has counted. */
export async function beat(
  deps: MirrorDeps,
  instanceId: string,
  roles: string[],
  { counts, lagMs, lastReceiptAt }: Snapshot & Pick<StoredFigures, 'lastReceiptAt'>,
): Promise<void> {
  const $set = { roles, counts, lagMs, lastReceiptAt, at: await now(deps) };
  const { figures } = deps.collections;
  await retryOnce(() => figures.updateOne({ _id: instanceId }, { $set }, { upsert: true }));
}

/** Heartbeats not older than `withinMs`. */
export async function heartbeats(deps: MirrorDeps, withinMs: number): Promise<StoredFigures[]> {
  const since = new Date((await now(deps)).getTime() - withinMs);
  return deps.collections.figures.find({ at: { $gte: since } }).toArray();
}

/** Figures of all processes as one: sums, and the lag of the slowest. */
export function mergeFigures(all: readonly Snapshot[]): Snapshot {
  const counts = new Map<string, number>();
  for (const { counts: own } of all)
    for (const [name, value] of Object.entries(own))
      counts.set(name, (counts.get(name) ?? 0) + value);
  const lags = all.flatMap(({ lagMs }) => lagMs ?? []);
  const slowest = (of: 'p50' | 'p99') => Math.max(...lags.map((lag) => lag[of]));
  return {
    counts: Object.fromEntries(counts),
    lagMs: lags.length > 0 ? { p50: slowest('p50'), p99: slowest('p99') } : null,
  };
}
