import type { SyncDeps } from './deps.ts';

/** After a gap of notifications: asks for a sweep of every tenant that is live; the others' loads end with one. */
export async function sweepAll({ mirror, log }: Pick<SyncDeps, 'mirror' | 'log'>): Promise<void> {
  try {
    const tenants = await mirror.tenants.list();
    const live = tenants.filter(({ served, phase }) => served && phase === 'live');
    await Promise.all(live.map(({ id }) => mirror.requestSweep(id)));
  } catch (error) {
    log.warn({ err: error }, 'no sweep asked for after a gap; the next one is due in minutes');
  }
}
