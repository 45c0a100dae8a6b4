import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';

/**
 * Draws a tenant's next token. After a network error another one is drawn: the number of a draw
 * whose fate is unknown is never used. Throws where the tenant is being removed.
 */
export async function drawToken(deps: MirrorDeps, tenantId: string): Promise<number> {
  const drawn = (await draw(deps, tenantId)) ?? (await drawFirst(deps, tenantId));
  if (drawn === null)
    throw new Error(`Tenant ${tenantId} is being removed: it has no more tokens.`);
  return drawn;
}

async function draw({ collections }: MirrorDeps, tenantId: string): Promise<number | null> {
  const counter = await retryOnce(() =>
    collections.counters.findOneAndUpdate(
      { _id: tenantId, closedAt: { $exists: false } },
      { $inc: { value: 1 } },
      { returnDocument: 'after', writeConcern: { w: 'majority' } },
    ),
  );
  return counter?.value ?? null;
}

async function drawFirst(deps: MirrorDeps, tenantId: string): Promise<number | null> {
  await ensureCounter(deps, tenantId);
  return draw(deps, tenantId);
}

/** A missing counter starts above every fence there is: a lost or restored one must not go back. */
async function ensureCounter(deps: MirrorDeps, tenantId: string): Promise<void> {
  const value = await greatestFence(deps, tenantId);
  const { counters } = deps.collections;
  await retryOnce(() =>
    counters.updateOne({ _id: tenantId }, { $max: { value } }, { upsert: true }),
  );
}

/** From now on the tenant's counter gives no token; since when that is so, by MongoDB's time. */
export async function closeCounter(deps: MirrorDeps, tenantId: string): Promise<Date> {
  const { counters } = deps.collections;
  await ensureCounter(deps, tenantId);
  await retryOnce(() =>
    counters.updateOne(
      { _id: tenantId, closedAt: { $exists: false } },
      { $currentDate: { closedAt: true } },
    ),
  );
  const closed = await counters.findOne({ _id: tenantId });
  if (!closed?.closedAt) throw new Error(`The counter of tenant ${tenantId} was opened meanwhile.`);
  return closed.closedAt;
}

/** The tenant is there again; its numbers go on where they ended. */
export async function openCounter({ collections }: MirrorDeps, tenantId: string): Promise<void> {
  await retryOnce(() =>
    collections.counters.updateOne({ _id: tenantId }, { $unset: { closedAt: '' } }),
  );
}

async function greatestFence({ collections }: MirrorDeps, tenantId: string): Promise<number> {
  const { objects, memberships } = collections;
  const newest = { projection: { 'mirror.fence': 1 }, sort: { 'mirror.fence': -1 } } as const;
  const found = await Promise.all([
    objects.user.findOne({ tenantId }, newest),
    objects.group.findOne({ tenantId }, newest),
    memberships.findOne({ tenantId }, newest),
  ]);
  return Math.max(0, ...found.map((document) => document?.mirror.fence ?? 0));
}

/** The counter of a tenant as it stands; 0 where none was drawn yet. */
export async function currentToken({ collections }: MirrorDeps, tenantId: string): Promise<number> {
  return (await collections.counters.findOne({ _id: tenantId }))?.value ?? 0;
}

/** Lifts a counter that a fence is above; true where it did, and a full pass is due. */
export async function liftCounter(deps: MirrorDeps, tenantId: string): Promise<boolean> {
  const value = await greatestFence(deps, tenantId);
  const lifted = await retryOnce(() =>
    deps.collections.counters.updateOne(
      { _id: tenantId, value: { $lt: value } },
      { $set: { value } },
    ),
  );
  return lifted.matchedCount > 0;
}
