import type { ObjectRef } from '../change.ts';
import type { HeldMark, StoredHold } from '../mirror/types.ts';
import type { SyncDeps } from './deps.ts';
import type { GroupsReader } from './groups-reader.ts';
import { hintsOf } from './hints.ts';

type HoldDeps = SyncDeps & { reader: Pick<GroupsReader, 'request'> };

const pageSize = 500;

/**
 * Carries out what was decided about a tenant's holds. Each step may be repeated, here or by another
 * process: what is left of a hold is what carries its mark.
 */
export async function carryOutHolds(deps: HoldDeps, tenantId: string): Promise<void> {
  await approveByTime(deps, tenantId);
  for (const hold of await deps.mirror.holds.unfinished(tenantId)) {
    if (hold.state === 'rejected') await deps.mirror.holds.keepItems(hold._id);
    else if (await isSendingDue(deps, hold)) await readAgain(deps, hold);
    if (await deps.mirror.holds.finish(hold._id)) {
      deps.log.info({ tenantId, hold: hold._id, state: hold.state }, 'hold carried out');
    }
  }
}

async function approveByTime({ mirror, timings, log }: HoldDeps, tenantId: string): Promise<void> {
  if (timings.holdReleaseMs === Infinity) return;
  const openedBefore = (await mirror.now()).getTime() - timings.holdReleaseMs;
  for (const { _id, openedAt } of await mirror.holds.list(tenantId, ['open'])) {
    if (openedAt.getTime() > openedBefore) continue;
    await mirror.holds.decide(_id, 'approved', 'time');
    log.warn({ tenantId, hold: _id }, 'hold approved by time');
  }
}

/** Once, and again where something is left when every retry of the first time must be over. */
async function isSendingDue(
  { mirror, timings }: HoldDeps,
  { sentAt }: StoredHold,
): Promise<boolean> {
  if (!sentAt) return true;
  return (await mirror.now()).getTime() - sentAt.getTime() > 2 * timings.replicationMs;
}

/** An approval is no verdict: every object is read once more, a group's members are enumerated. */
async function readAgain(
  { mirror, publish, clock, reader }: HoldDeps,
  { _id, tenantId, groupId }: StoredHold,
): Promise<void> {
  if (groupId === undefined) {
    for await (const page of mirror.holds.approveObjects(_id, pageSize)) {
      const counter = await mirror.currentToken(tenantId);
      await publish(tenantId, hintsOf(page.map(asFound), counter, clock.now()));
    }
  } else {
    await mirror.holds.approveEdges(_id);
    await mirror.markEdgesDue(tenantId, [groupId]);
    await reader.request(tenantId);
  }
  await mirror.holds.noteSent(_id);
}

/** What was missing when it was held is not missing for the first time now. */
const asFound = ({ type, id, evidence, at }: ObjectRef & Pick<HeldMark, 'evidence' | 'at'>) => ({
  ...{ type, id },
  ...(evidence === 'missing' && { missingSince: at.toISOString() }),
});
