import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';

/** MongoDB's time. */
export async function now({ db }: Pick<MirrorDeps, 'db'>): Promise<Date> {
  const { localTime } = await retryOnce(() => db.command({ hello: 1 }));
  return localTime as Date;
}
