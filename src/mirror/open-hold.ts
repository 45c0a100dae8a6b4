import { randomBytes } from 'node:crypto';
import type { MirrorDeps } from './deps.ts';
import { scopeKey } from './removal-window.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';
import type { RemovalScope } from './types.ts';

/** Id of the one open hold of a tenant's objects or of a group's members; opens it where there is none. */
export async function openHold(deps: MirrorDeps, scope: RemovalScope): Promise<string> {
  for (;;) {
    const id = await proposed(deps, scope);
    if (await ensureOpen(deps, id, scope)) return id;
    // Decided while it was still named as the open one: the next may be opened.
    await forgetHold(deps, scope, id);
  }
}

/** Takes a decided hold from its window. */
export async function forgetHold(
  { collections }: MirrorDeps,
  scope: RemovalScope,
  hold: string,
): Promise<void> {
  const named = { _id: scopeKey(scope), hold };
  await retryOnce(() => collections.removals.updateOne(named, { $unset: { hold: '' } }));
}

/** Of two who propose, one wins: the window names one open hold at a time. */
async function proposed({ collections }: MirrorDeps, scope: RemovalScope): Promise<string> {
  const fresh = randomBytes(4).toString('hex');
  const window = await retryOnce(() =>
    collections.removals.findOneAndUpdate(
      { _id: scopeKey(scope) },
      [{ $set: { hold: { $ifNull: ['$hold', fresh] } } }],
      { returnDocument: 'after' },
    ),
  );
  return window?.hold ?? fresh;
}

async function ensureOpen(
  deps: MirrorDeps,
  _id: string,
  { tenantId, groupId }: RemovalScope,
): Promise<boolean> {
  const opened = { tenantId, ...(groupId !== undefined && { groupId }), state: 'open' as const };
  const hold = await retryOnce(async () =>
    deps.collections.holds.findOneAndUpdate(
      { _id },
      { $setOnInsert: { ...opened, openedAt: await now(deps) } },
      { upsert: true, returnDocument: 'after' },
    ),
  );
  return hold?.state === 'open';
}
