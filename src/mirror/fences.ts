import type { Collections } from './collections.ts';
import { retryOnce } from './retry.ts';

export function createFences({ objects, memberships, counters }: Collections) {
  /**
   * Draws a tenant's next token. After a network error another one is drawn: the number of a draw
   * whose fate is unknown is never used.
   */
  async function drawToken(tenantId: string): Promise<number> {
    const drawn = (await draw(tenantId)) ?? (await startCounter(tenantId), await draw(tenantId));
    if (drawn === null) throw new Error(`The counter of tenant ${tenantId} was deleted twice.`);
    return drawn;
  }

  async function draw(tenantId: string): Promise<number | null> {
    const counter = await retryOnce(() =>
      counters.findOneAndUpdate(
        { _id: tenantId },
        { $inc: { value: 1 } },
        { returnDocument: 'after', writeConcern: { w: 'majority' } },
      ),
    );
    return counter?.value ?? null;
  }

  /** A missing counter starts above every fence there is: a lost or restored one must not go back. */
  async function startCounter(tenantId: string): Promise<void> {
    const value = await greatestFence(tenantId);
    await retryOnce(() =>
      counters.updateOne({ _id: tenantId }, { $max: { value } }, { upsert: true }),
    );
  }

  async function greatestFence(tenantId: string): Promise<number> {
    const newest = { projection: { 'mirror.fence': 1 }, sort: { 'mirror.fence': -1 } } as const;
    const found = await Promise.all([
      objects.user.findOne({ tenantId }, newest),
      objects.group.findOne({ tenantId }, newest),
      memberships.findOne({ tenantId }, newest),
    ]);
    return Math.max(0, ...found.map((document) => document?.mirror.fence ?? 0));
  }

  /** The counter of a tenant as it stands; 0 where none was drawn yet. */
  async function currentToken(tenantId: string): Promise<number> {
    return (await counters.findOne({ _id: tenantId }))?.value ?? 0;
  }

  /** Lifts a counter that a fence is above; true where it did, and a full pass is due. */
  async function liftCounter(tenantId: string): Promise<boolean> {
    const value = await greatestFence(tenantId);
    const lifted = await retryOnce(() =>
      counters.updateOne({ _id: tenantId, value: { $lt: value } }, { $set: { value } }),
    );
    return lifted.matchedCount > 0;
  }

  return { drawToken, currentToken, liftCounter };
}
