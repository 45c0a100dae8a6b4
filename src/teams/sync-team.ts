import type { Mirror } from '../mirror/open-mirror.ts';
import type { StoredEdge } from '../mirror/types.ts';
import type { TeamStore } from './store.ts';
import type { StoredTeam } from './types.ts';

export interface TeamDeps {
  store: TeamStore;
  mirror: Mirror;
  /** Tenants whose people and groups a connection has; throws where there is no such connection. */
  tenantsOf: (connectionId: string) => Promise<string[]>;
  now: () => Date;
}

const maxGroups = 1_000;

/** Brings a team up to its group; one whose group is gone is held with the members it had. */
export async function syncTeam(
  { store, mirror, tenantsOf, now }: TeamDeps,
  team: StoredTeam,
): Promise<void> {
  const group = await mirror.groupByKey(team.groupKey);
  if (group?.mirror.state !== 'active') {
    const reason = 'The group was deleted in Entra. The members are those it had.';
    if (team.status !== 'held') await store.setStatus(team._id, 'held', { reason });
    return;
  }
  const wanted = await personKeys(mirror, await tenantsOf(team.connectionId), team);
  const held = await store.allMembers(team._id);
  const added = [...wanted].filter((key) => !held.has(key));
  const gone = [...held].filter((key) => !wanted.has(key));
  await store.changeMembers(team._id, { added, gone }, now());
  const name = typeof group['displayName'] === 'string' ? group['displayName'] : team.name;
  await store.setStatus(team._id, 'synced', { name, reason: null, syncedAt: now() });
}

/** Level by level; a group that contains itself is followed once. */
async function personKeys(
  mirror: Mirror,
  tenantIds: readonly string[],
  { groupKey, members }: StoredTeam,
): Promise<Set<string>> {
  const people = new Set<string>();
  const seen = new Set([groupKey]);
  for (let level = [groupKey]; level.length > 0;) {
    const edges = await edgesOf(mirror, level);
    const next: string[] = [];
    for (const edge of edges) {
      const key = memberKey(edge, tenantIds);
      if (edge.memberType === 'user') people.add(key);
      else if (edge.memberType === 'group' && !seen.has(key)) next.push(key);
      if (edge.memberType === 'group') seen.add(key);
    }
    if (seen.size > maxGroups) throw new Error(`It contains more than ${maxGroups} groups.`);
    level = members === 'effective' ? next : [];
  }
  return people;
}

async function edgesOf(mirror: Mirror, groupKeys: readonly string[]): Promise<StoredEdge[]> {
  const byTenant = new Map<string, string[]>();
  for (const key of groupKeys) {
    const [tenantId = '', ...id] = key.split('/');
    byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), id.join('/')]);
  }
  const found = [...byTenant].map(([tenantId, ids]) => mirror.presentMembers(tenantId, ids));
  return (await Promise.all(found)).flat();
}

/** A group that SCIM alone knows may have members whom Graph shows under its tenant. */
function memberKey({ tenantId, memberId }: StoredEdge, tenantIds: readonly string[]): string {
  const [connectionId, graphTenant] = tenantIds;
  const isGraphs = tenantId === connectionId && !memberId.includes(':');
  return `${isGraphs && graphTenant ? graphTenant : tenantId}/${memberId}`;
}
