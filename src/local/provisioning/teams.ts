import type { Snapshot } from '../graph/directory/snapshot.ts';
import { abreast } from './abreast.ts';
import { membersAdded, membersRemoved, renamed, type Dialect } from './operations.ts';
import type { KnownPerson } from './people.ts';
import type { Target } from './target.ts';

/** A group as the target knows it, by its last request; members by their object ids. */
export interface KnownTeam {
  id: string;
  displayName: string;
  members: Set<string>;
}

const membersPerRequest = 100;

/** One cycle's requests about groups; each is created without members, which follow. */
export async function provisionTeams(
  target: Target,
  dialect: Dialect,
  snapshot: Snapshot,
  known: { people: ReadonlyMap<string, KnownPerson>; teams: Map<string, KnownTeam> },
): Promise<void> {
  const { people, teams } = known;
  const groups = snapshot.groups.filter(({ state }) => state === 'active');
  const wanted = new Set(groups.map(({ id }) => id));
  await abreast(
    [...teams.keys()].filter((id) => !wanted.has(id)),
    async (objectId) => {
      await target.remove(`/Groups/${teams.get(objectId)?.id ?? ''}`);
      teams.delete(objectId);
      for (const { members } of teams.values()) members.delete(objectId);
    },
  );
  await abreast(groups, async ({ id: objectId, properties }) => {
    const displayName = String(properties['displayName']);
    const held = teams.get(objectId);
    if (!held) teams.set(objectId, await found(target, objectId, displayName));
    else if (held.displayName !== displayName) {
      await target.patch(`/Groups/${held.id}`, [renamed(dialect, displayName)]);
      held.displayName = displayName;
    }
  });
  const idOf = (objectId: string) => (people.get(objectId) ?? teams.get(objectId))?.id;
  const members = membersByGroup(snapshot);
  await abreast([...teams], ([objectId, team]) =>
    provisionMembers(target, dialect, team, { wanted: members.get(objectId) ?? new Set(), idOf }),
  );
}

/** Looked for by its name; the local tenant is the only one to write here. */
async function found(target: Target, objectId: string, displayName: string): Promise<KnownTeam> {
  const filter = `displayName eq "${displayName}"`;
  const { Resources = [] } = await target.find('/Groups?excludedAttributes=members', filter);
  const schemas = [
    'urn:ietf:params:scim:schemas:core:2.0:Group',
    'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
  ];
  const body = { schemas, externalId: objectId, displayName, meta: { resourceType: 'Group' } };
  const id = Resources[0]?.id ?? (await target.post('/Groups', body)).id;
  return { id, displayName, members: new Set() };
}

async function provisionMembers(
  target: Target,
  dialect: Dialect,
  team: KnownTeam,
  { wanted, idOf }: { wanted: ReadonlySet<string>; idOf: (objectId: string) => string | undefined },
): Promise<void> {
  const added = [...wanted].filter((id) => !team.members.has(id) && idOf(id) !== undefined);
  const removed = [...team.members].filter((id) => !wanted.has(id));
  const ids = (objectIds: readonly string[]) => objectIds.flatMap((id) => idOf(id) ?? []);
  for (let at = 0; at < added.length; at += membersPerRequest) {
    const some = ids(added.slice(at, at + membersPerRequest));
    await target.patch(`/Groups/${team.id}`, [membersAdded(dialect, some)]);
  }
  const gone = ids(removed);
  if (gone.length > 0) await target.patch(`/Groups/${team.id}`, membersRemoved(dialect, gone));
  for (const id of added) team.members.add(id);
  for (const id of removed) team.members.delete(id);
}

/** A soft-deleted person stays a member, as in the directory. */
function membersByGroup({ memberships }: Snapshot): Map<string, Set<string>> {
  const byGroup = new Map<string, Set<string>>();
  for (const { groupId, kind, memberId, memberType } of memberships) {
    if (kind !== 'member' || (memberType !== 'user' && memberType !== 'group')) continue;
    const members = byGroup.get(groupId) ?? new Set();
    byGroup.set(groupId, members.add(memberId));
  }
  return byGroup;
}
