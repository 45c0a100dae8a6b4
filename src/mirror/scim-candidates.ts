import type { ObjectType } from '../change.ts';
import { objectKey } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import type { StoredObject } from './types.ts';

/**
 * Active objects of a tenant that a SCIM resource may be: the one with the object id that its `externalId`
 * is, and people with its `userName`, which for guests is an address in another tenant.
 */
export async function scimCandidates(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  { externalId, userName }: { externalId: string | null; userName: string | null },
): Promise<{ byId: StoredObject | undefined; byName: StoredObject[] }> {
  const objects = collections.objects[type];
  const isActive = { 'mirror.state': 'active' } as const;
  const byId =
    externalId !== null && isGuid(externalId)
      ? await objects.findOne({ _id: objectKey(tenantId, externalId.toLowerCase()), ...isActive })
      : null;
  if (type === 'group' || userName === null) return { byId: byId ?? undefined, byName: [] };
  const lower = userName.toLowerCase();
  const guest = `${lower.replace('@', '_')}#ext#@`;
  const byName = await objects
    .find({
      ...{ tenantId, ...isActive },
      $or: [{ 'mirror.upn': lower }, { 'mirror.upn': { $gte: guest, $lt: `${guest}\uFFFF` } }],
    })
    .limit(3)
    .toArray();
  return { byId: byId ?? undefined, byName };
}

/** Which one it is (pure): none where two could be meant. Mail, nickname and display name never decide. */
export function correlate({
  byId,
  byName,
}: {
  byId: Pick<StoredObject, 'id'> | undefined;
  byName: Pick<StoredObject, 'id'>[];
}): { objectId: string } | 'none' | 'ambiguous' {
  const ids = new Set([...(byId ? [byId.id] : []), ...byName.map(({ id }) => id)]);
  const [objectId] = ids;
  if (objectId === undefined) return 'none';
  return ids.size === 1 ? { objectId } : 'ambiguous';
}

const isGuid = (text: string): boolean => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);

/** How a connection's people and groups stand to the directory. */
export async function scimFigures({ collections }: MirrorDeps, connectionId: string) {
  const count = async (filter: Record<string, unknown>) => {
    const of = {
      'mirror.scim.connectionId': connectionId,
      'mirror.scim.removed': false,
      ...filter,
    };
    const { user, group } = collections.objects;
    return (await user.countDocuments(of)) + (await group.countDocuments(of));
  };
  const [both, alone, drifting, ambiguous] = await Promise.all([
    count({ 'mirror.source': 'both' }),
    count({ 'mirror.source': 'scim', 'mirror.state': 'active' }),
    count({ 'mirror.scim.drift.0': { $exists: true } }),
    count({ 'mirror.scim.ambiguous': true }),
  ]);
  return { both, alone, drifting, ambiguous };
}

/** Where a walk through what changed has come to. */
export interface ChangePlace {
  at: Date;
  key: string;
}

/** Active objects in the order of their last change after `place`, with what correlation needs of them. */
export async function changedAfter(
  { collections }: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  { at, key }: ChangePlace,
  limit: number,
): Promise<Pick<StoredObject, '_id' | 'id' | 'mirror'>[]> {
  const after = [{ 'mirror.changedAt': { $gt: at } }, { _id: { $gt: key } }];
  return collections.objects[type]
    .find(
      { tenantId, 'mirror.changedAt': { $gte: at }, $or: after, 'mirror.state': 'active' },
      { projection: { id: 1, 'mirror.changedAt': 1, 'mirror.upn': 1, 'mirror.scim.id': 1 } },
    )
    .sort({ 'mirror.changedAt': 1, _id: 1 })
    .limit(limit)
    .toArray();
}
