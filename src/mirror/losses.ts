import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';

/**
 * Gives how many changes stayed unannounced for `graceMs` after a sweep had brought them, each once:
 * until then its notification may only be late.
 */
export async function takeLosses(
  deps: MirrorDeps,
  tenantId: string,
  graceMs: number,
): Promise<number> {
  const before = new Date((await now(deps)).getTime() - graceMs);
  const settled = { tenantId, 'mirror.unannouncedAt': { $lte: before } };
  const $unset = { 'mirror.unannouncedAt': '' } as const;
  const { user, group } = deps.collections.objects;
  const users = await retryOnce(() => user.updateMany(settled, { $unset }));
  const groups = await retryOnce(() => group.updateMany(settled, { $unset }));
  return users.modifiedCount + groups.modifiedCount;
}
