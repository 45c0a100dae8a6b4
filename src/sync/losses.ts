import { mergeFigures } from '../mirror/figures.ts';
import { lossOf } from '../ops/loss.ts';
import type { SyncDeps } from './deps.ts';

type LossDeps = Pick<SyncDeps, 'mirror' | 'timings' | 'figures' | 'log' | 'holder'> & {
  /** Share of a tenant's changes that may go unannounced before a warning. */
  lossThreshold: number;
};

const aliveMs = 60_000;

/** Counts what sweeps found and no notification has announced since, and warns where that is much. */
export async function countLosses(deps: LossDeps, tenantId: string): Promise<void> {
  const { mirror, figures, log, timings } = deps;
  const changes = await mirror.takeLosses(tenantId, timings.replicationMs);
  if (changes === 0) return;
  figures.lost(tenantId, changes);
  const beats = await mirror.heartbeats(aliveMs);
  const others = beats.filter(({ _id }) => _id !== deps.holder);
  const merged = mergeFigures([...others, figures.snapshot()]).tenants[tenantId];
  const loss = lossOf(merged ?? { announced: 0, lost: changes }, deps.lossThreshold);
  const said = { tenantId, changes, ...loss };
  if (loss.isHigh)
    log.warn(said, 'notifications are lost: look at the subscriptions and PUBLIC_URL');
  else log.info(said, 'changes that no notification announced');
}
