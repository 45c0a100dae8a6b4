import type { ObjectType } from '../change.ts';
import type { Collections } from './collections.ts';
import type { EdgeKind, MirrorState } from './types.ts';

export interface Counts {
  users: Record<MirrorState, number>;
  groups: Record<MirrorState, number>;
  /** Present ones. */
  memberships: Record<EdgeKind, number>;
}

export function createCounts({ objects, memberships }: Collections) {
  /** How much the mirror holds of a tenant, from indexes alone. */
  async function counts(tenantId: string): Promise<Counts> {
    const [users, groups, member, owner] = await Promise.all([
      byState(tenantId, 'user'),
      byState(tenantId, 'group'),
      memberships.countDocuments({ tenantId, present: true, kind: 'member' }),
      memberships.countDocuments({ tenantId, present: true, kind: 'owner' }),
    ]);
    return { users, groups, memberships: { member, owner } };
  }

  async function byState(tenantId: string, type: ObjectType): Promise<Record<MirrorState, number>> {
    const count = (state: MirrorState) =>
      objects[type].countDocuments({ tenantId, 'mirror.state': state });
    const [active, softDeleted, purged] = await Promise.all([
      count('active'),
      count('softDeleted'),
      count('purged'),
    ]);
    return { active, softDeleted, purged };
  }

  return { counts };
}
