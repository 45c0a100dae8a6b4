import type { MirrorDeps } from './deps.ts';
import { isMassRemoval } from './removal-limit.ts';
import { retryOnce } from './retry.ts';
import type { RemovalScope, StoredRemovals } from './types.ts';

/**
 * Counts `more` removals into the window of a tenant, or of a group's members, and tells whether all
 * of the window are too many. The window begins with its first removal, by MongoDB's time. A count
 * that is repeated after a crash errs towards a hold.
 */
export async function isTooMany(
  deps: MirrorDeps,
  scope: RemovalScope,
  more: number,
): Promise<boolean> {
  if (more === 0) return false;
  const { removalLimits: limits } = deps;
  const { removed, active: noted } = await count(deps, scope, more);
  if (removed <= limits.least) return false;
  // Counted only where it matters; what this window has removed already was active at its begin.
  const active = noted ?? (await countActive(deps, scope)) + removed - more;
  if (noted === null) await noteActive(deps, scope, active);
  const of = scope.groupId === undefined ? 'objects' : 'members';
  return isMassRemoval(of, { removed, active }, limits);
}

async function count(
  { collections, removalWindowMs }: MirrorDeps,
  scope: RemovalScope,
  more: number,
): Promise<StoredRemovals> {
  const began = { $ifNull: ['$beganAt', new Date(0)] };
  const isOver = { $lte: [{ $add: [began, removalWindowMs] }, '$$NOW'] };
  const fresh = {
    beganAt: { $cond: [isOver, '$$NOW', began] },
    removed: { $cond: [isOver, more, { $add: ['$removed', more] }] },
    active: { $cond: [isOver, null, '$active'] },
  };
  const counted = await retryOnce(() =>
    collections.removals.findOneAndUpdate(
      { _id: scopeKey(scope) },
      [{ $set: { ...fresh, tenantId: scope.tenantId } }],
      { upsert: true, returnDocument: 'after' },
    ),
  );
  if (!counted) throw new Error('MongoDB gave no document for an upsert');
  return counted;
}

async function countActive(
  { collections }: MirrorDeps,
  { tenantId, groupId }: RemovalScope,
): Promise<number> {
  if (groupId !== undefined) {
    const members = { tenantId, groupId, kind: 'member', present: true } as const;
    return collections.memberships.countDocuments(members);
  }
  const active = { tenantId, 'mirror.state': 'active' } as const;
  const { user, group } = collections.objects;
  return (await user.countDocuments(active)) + (await group.countDocuments(active));
}

async function noteActive(
  { collections }: MirrorDeps,
  scope: RemovalScope,
  active: number,
): Promise<void> {
  const unnoted = { _id: scopeKey(scope), active: null };
  await retryOnce(() => collections.removals.updateOne(unnoted, { $set: { active } }));
}

export const scopeKey = ({ tenantId, groupId }: RemovalScope): string =>
  groupId === undefined ? tenantId : `${tenantId}/${groupId}`;
