import type { ObjectType } from '../change.ts';
import type { MirrorDeps } from './deps.ts';
import type { EdgeKind, MirrorState } from './types.ts';

interface Counts {
  users: Record<MirrorState, number>;
  groups: Record<MirrorState, number>;
  /** Present ones. */
  memberships: Record<EdgeKind, number>;
}

/** How much the mirror holds of a tenant, from indexes alone. */
export async function counts(deps: MirrorDeps, tenantId: string): Promise<Counts> {
  const { memberships } = deps.collections;
  const [users, groups, member, owner] = await Promise.all([
    byState(deps, tenantId, 'user'),
    byState(deps, tenantId, 'group'),
    memberships.countDocuments({ tenantId, present: true, kind: 'member' }),
    memberships.countDocuments({ tenantId, present: true, kind: 'owner' }),
  ]);
  return { users, groups, memberships: { member, owner } };
}

async function byState(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
): Promise<Record<MirrorState, number>> {
  const count = (state: MirrorState) =>
    collections.objects[type].countDocuments({ tenantId, 'mirror.state': state });
  const [active, softDeleted, purged] = await Promise.all([
    count('active'),
    count('softDeleted'),
    count('purged'),
  ]);
  return { active, softDeleted, purged };
}
