import type { StoredObject } from '../mirror/types.ts';
import type { TeamDeps } from './sync-team.ts';

/** A person as an application sees it; outside the scope only a reference. */
interface PersonView {
  id: string;
  key: string;
  inScope: boolean;
  activated: boolean;
  source?: string;
  displayName?: unknown;
  userPrincipalName?: unknown;
  mail?: unknown;
}

/** People by their keys, in that order; whoever is unknown or out of scope stays as a reference. */
export async function viewPeople(
  { store, mirror, tenantsOf }: TeamDeps,
  connectionId: string,
  keys: readonly string[],
): Promise<PersonView[]> {
  const known = new Map((await mirror.peopleByKeys(keys)).map((one) => [one._id, one]));
  const activated = await store.activated(connectionId, keys);
  const scope = await store.scopeOf(connectionId);
  const inside = scope && (await keysInScope({ mirror, tenantsOf }, connectionId, scope));
  return keys.map((key) => {
    const person = known.get(key);
    const isManual = person?.mirror.source === 'manual';
    const inScope = isActive(person) && (isManual || !inside || inside.has(key));
    return {
      ...{ id: key.slice(key.indexOf('/') + 1), key, inScope, activated: activated.has(key) },
      ...(inScope && person && shown(person)),
    };
  });
}

const isActive = (person: StoredObject | undefined) => person?.mirror.state === 'active';

const shown = (person: StoredObject) => ({
  source: person.mirror.source,
  displayName: person['displayName'],
  userPrincipalName: person['userPrincipalName'],
  mail: person['mail'],
});

async function keysInScope(
  { mirror, tenantsOf }: Pick<TeamDeps, 'mirror' | 'tenantsOf'>,
  connectionId: string,
  groupIds: readonly string[],
): Promise<Set<string>> {
  const tenantIds = await tenantsOf(connectionId);
  const [, graphTenant] = tenantIds;
  const edges = await Promise.all(
    tenantIds.map((tenantId) => mirror.presentMembers(tenantId, groupIds)),
  );
  return new Set(
    edges.flat().map(({ tenantId, memberId }) => {
      const isGraphs = tenantId === connectionId && !memberId.includes(':');
      return `${isGraphs && graphTenant ? graphTenant : tenantId}/${memberId}`;
    }),
  );
}
