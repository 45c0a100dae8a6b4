import type { ObjectType } from '../change.ts';
import { keysAfter } from './collections.ts';
import type { MirrorDeps } from './deps.ts';

interface Page {
  /** Id of the last object of the page before. */
  after?: string | undefined;
  limit: number;
}

/**
 * Ids, in order, of objects not purged whose fence is below `token`: a pass has not seen them. What is
 * held or kept is known to be gone.
 */
export const suspects = (
  deps: MirrorDeps,
  tenantId: string,
  type: ObjectType,
  token: number,
  page: Page,
): Promise<string[]> =>
  ids(deps, type, tenantId, page, {
    'mirror.fence': { $lt: token },
    'mirror.state': { $in: ['active', 'softDeleted'] },
    'mirror.held': { $exists: false },
    'mirror.kept': { $exists: false },
  });

/** Ids of active groups, in order. */
export const activeGroups = (deps: MirrorDeps, tenantId: string, page: Page): Promise<string[]> =>
  ids(deps, 'group', tenantId, page, { 'mirror.state': 'active' });

async function ids(
  { collections }: MirrorDeps,
  type: ObjectType,
  tenantId: string,
  { after, limit }: Page,
  filter: Record<string, unknown>,
): Promise<string[]> {
  const found = await collections.objects[type]
    .find({ _id: keysAfter(tenantId, after), ...filter }, { projection: { id: 1 } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  return found.map(({ id }) => id);
}

/** Ids of active users whose manager is this person. */
export async function reportsOf(
  { collections }: MirrorDeps,
  tenantId: string,
  managerId: string,
): Promise<string[]> {
  const found = await collections.objects.user
    .find({ tenantId, managerId, 'mirror.state': 'active' }, { projection: { id: 1 } })
    .toArray();
  return found.map(({ id }) => id);
}
