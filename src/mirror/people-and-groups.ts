import { randomUUID } from 'node:crypto';
import type { ObjectType } from '../change.ts';
import { objectKey, type ScimObject } from './collections.ts';
import type { MirrorDeps } from './deps.ts';
import type { StoredEdge, StoredObject } from './types.ts';

/** Active groups of these tenants by key after `after`; each word of `search` begins a word of the name. */
export async function groupCatalogue(
  { collections }: MirrorDeps,
  tenantIds: readonly string[],
  { search = '', after = '', limit }: { search?: string; after?: string; limit: number },
): Promise<StoredObject[]> {
  const words = search.split(/\s+/).filter(Boolean);
  const begins = words.map((word) => ({
    displayName: new RegExp(`(^|[\\s_.,:;/&()+-])${literal(word)}`, 'i'),
  }));
  return collections.objects.group
    .find(
      {
        ...{ tenantId: { $in: [...tenantIds] }, 'mirror.state': 'active', _id: { $gt: after } },
        ...(begins.length > 0 && { $and: begins }),
      },
      { maxTimeMS: 5_000 },
    )
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
}

const literal = (word: string) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Active groups of a tenant with exactly this name, in any case; a few of them where there are many. */
export async function groupsNamed(
  { collections }: MirrorDeps,
  tenantId: string,
  name: string,
): Promise<StoredObject[]> {
  const displayName = new RegExp(`^${literal(name)}$`, 'i');
  const query = { tenantId, 'mirror.state': 'active' as const, displayName };
  return collections.objects.group.find(query, { maxTimeMS: 5_000 }).limit(5).toArray();
}

/** How many members a group has, and how many came and went since. */
export async function membersSince(
  { collections: { memberships } }: MirrorDeps,
  tenantId: string,
  groupId: string,
  since: Date,
): Promise<{ present: number; added: number; ended: number }> {
  const of = { tenantId, groupId, kind: 'member' as const };
  const changed = { 'mirror.changedAt': { $gte: since } };
  const [present, added, ended] = await Promise.all([
    memberships.countDocuments({ ...of, present: true }),
    memberships.countDocuments({ ...of, present: true, ...changed }),
    memberships.countDocuments({ ...of, present: false, ...changed }),
  ]);
  return { present, added, ended };
}

/** The document of an object that SCIM alone knows. */
export async function aloneByKey(
  { collections }: MirrorDeps,
  type: ObjectType,
  key: string,
): Promise<ScimObject | undefined> {
  return (await collections.scimObjects[type].findOne({ _id: key })) ?? undefined;
}

export async function groupByKey({ collections }: MirrorDeps, key: string) {
  return (await collections.scimObjects.group.findOne({ _id: key })) ?? undefined;
}

/** Present members of groups of one tenant. */
export const presentMembers = (
  { collections }: MirrorDeps,
  tenantId: string,
  groupIds: readonly string[],
): Promise<StoredEdge[]> =>
  collections.memberships
    .find({ tenantId, groupId: { $in: [...groupIds] }, kind: 'member', present: true })
    .toArray();

/** When memberships of these tenants last changed; undefined where there is none. */
export async function lastMembershipChange(
  { collections }: MirrorDeps,
  tenantIds: readonly string[],
): Promise<Date | undefined> {
  const newest = {
    sort: { 'mirror.changedAt': -1 },
    projection: { 'mirror.changedAt': 1 },
  } as const;
  const found = await Promise.all(
    tenantIds.map((tenantId) => collections.memberships.findOne({ tenantId }, newest)),
  );
  const times = found.flatMap((edge) => (edge ? [edge.mirror.changedAt.getTime()] : []));
  return times.length > 0 ? new Date(Math.max(...times)) : undefined;
}

export const peopleByKeys = (
  { collections }: MirrorDeps,
  keys: readonly string[],
): Promise<StoredObject[]> => collections.objects.user.find({ _id: { $in: [...keys] } }).toArray();

/** Active people of these tenants by key after `after`. */
export const peopleOf = (
  { collections }: MirrorDeps,
  tenantIds: readonly string[],
  { after = '', limit }: { after?: string; limit: number },
): Promise<StoredObject[]> =>
  collections.objects.user
    .find({ tenantId: { $in: [...tenantIds] }, 'mirror.state': 'active', _id: { $gt: after } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();

/** Somebody whom no directory knows; no sync ever writes this document. */
export async function addManualPerson(
  { collections, clock }: MirrorDeps,
  connectionId: string,
  properties: { displayName: string; userPrincipalName: string; mail: string | null },
): Promise<string> {
  const id = `manual:${randomUUID()}`;
  const now = new Date(clock.now());
  const { userPrincipalName, mail } = properties;
  await collections.objects.user.insertOne({
    ...{ _id: objectKey(connectionId, id), tenantId: connectionId, id, ...properties },
    managerId: null,
    mirror: {
      ...{ state: 'active', fence: 0, revision: 1, shape: 'manual', contentHash: '' },
      ...{ observedAt: now, changedAt: now, source: 'manual' },
      ...{ upn: userPrincipalName.toLowerCase(), mail: mail?.toLowerCase() ?? null },
    },
  });
  return id;
}

/** False where there is no such manual person. */
export async function removeManualPerson(
  { collections }: MirrorDeps,
  connectionId: string,
  id: string,
): Promise<boolean> {
  const key = objectKey(connectionId, id);
  const manual = { _id: key, 'mirror.source': 'manual' as const };
  return (await collections.objects.user.deleteOne(manual)).deletedCount > 0;
}
