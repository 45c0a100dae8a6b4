import type { Collections } from './collections.ts';
import { retryOnce } from './retry.ts';
import type { StoredFigures } from './types.ts';

type Snapshot = Pick<StoredFigures, 'counts' | 'lagMs'>;

export function createHeartbeats(deps: {
  collections: Collections;
  /** MongoDB's time. */
  now: () => Promise<Date>;
}) {
  const { figures } = deps.collections;

  /** Publishes what this process has counted. */
  async function beat(instanceId: string, roles: string[], { counts, lagMs }: Snapshot) {
    const $set = { roles, counts, lagMs, at: await deps.now() };
    await retryOnce(() => figures.updateOne({ _id: instanceId }, { $set }, { upsert: true }));
  }

  /** Heartbeats not older than `withinMs`. */
  async function heartbeats(withinMs: number): Promise<StoredFigures[]> {
    const since = new Date((await deps.now()).getTime() - withinMs);
    return figures.find({ at: { $gte: since } }).toArray();
  }

  return { beat, heartbeats };
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
