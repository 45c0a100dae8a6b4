import type { Collections } from '../mirror/collections.ts';
import type { ObjectType } from '../change.ts';
import type { EdgeKind, StoredEdge, StoredObject } from '../mirror/types.ts';

/** The questions that readers ask the mirror, each answered from an index. */
export function createQueries({ objects, memberships }: Collections) {
  /** The active person with this object id, user principal name or mail address, in any case. */
  async function person(tenantId: string, name: string): Promise<StoredObject | undefined> {
    const lower = name.toLowerCase();
    const active = { tenantId, 'mirror.state': 'active' } as const;
    return (
      (await objects.user.findOne({ _id: `${tenantId}/${lower}`, 'mirror.state': 'active' })) ??
      (await objects.user.findOne({ ...active, 'mirror.upn': lower })) ??
      (await objects.user.findOne({ ...active, 'mirror.mail': lower })) ??
      undefined
    );
  }

  /** Present members or owners of a group, by member id, after `after`. */
  async function membersOf(
    tenantId: string,
    groupId: string,
    page: { kind?: EdgeKind; after?: string; limit: number },
  ): Promise<StoredEdge[]> {
    const { kind = 'member', after = '', limit } = page;
    return memberships
      .find({ tenantId, groupId, kind, present: true, memberId: { $gt: after } })
      .sort({ memberId: 1 })
      .limit(limit)
      .toArray();
  }

  /** Groups that someone or something is a member or owner of, by group id, after `after`. */
  async function groupsOf(
    tenantId: string,
    memberId: string,
    page: { kind?: EdgeKind; after?: string; limit: number },
  ): Promise<StoredEdge[]> {
    const { kind = 'member', after = '', limit } = page;
    return memberships
      .find({ tenantId, memberId, kind, present: true, groupId: { $gt: after } })
      .sort({ groupId: 1 })
      .limit(limit)
      .toArray();
  }

  /** Users or groups, tombstones too, that changed at or after `since`, the oldest change first. */
  async function changedSince(
    tenantId: string,
    type: ObjectType,
    since: Date,
    limit: number,
  ): Promise<StoredObject[]> {
    return objects[type]
      .find({ tenantId, 'mirror.changedAt': { $gte: since } })
      .sort({ 'mirror.changedAt': 1, _id: 1 })
      .limit(limit)
      .toArray();
  }

  return { person, membersOf, groupsOf, changedSince };
}
