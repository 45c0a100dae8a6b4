import type { ObjectType } from '../change.ts';
import type { ScimFacet } from '../mirror/facet.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import { correlate } from '../mirror/scim-candidates.ts';
import { aloneId } from '../mirror/scim-objects.ts';
import type { ScimStore } from '../scim/store.ts';
import type { Kind, StoredConnection, StoredResource } from '../scim/types.ts';
import { groupValues, managerOf, userValues } from './graph-names.ts';

export interface DirectoryDeps {
  store: ScimStore;
  mirror: Pick<
    Mirror,
    'attachFacet' | 'writeAlone' | 'scimCandidates' | 'writeScimEdges' | 'changedAfter'
  >;
}

const typeOf = (kind: Kind): ObjectType => (kind === 'User' ? 'user' : 'group');

/** The id under which the directory shows a SCIM resource. */
export const shownId = ({ id, link }: StoredResource): string => link ?? aloneId(id);

/** Brings the directory up to one SCIM resource; repeating it changes nothing. */
export async function projectObject(
  deps: DirectoryDeps,
  connection: StoredConnection,
  kind: Kind,
  record: StoredResource,
): Promise<void> {
  const { mirror } = deps;
  const type = typeOf(kind);
  const found = await correlated(deps, connection, type, record);
  const facet = await facetOf(deps, type, record, found === 'ambiguous');
  if (typeof found === 'object' && connection.tenantId !== null) {
    const key = `${connection.tenantId}/${found.objectId}`;
    if (await mirror.attachFacet(type, key, facet)) {
      await mirror.writeAlone(type, facet, { state: 'merged', mergedInto: key });
      if (record.link === undefined) await link(deps, kind, record, found.objectId);
      return;
    }
  }
  await mirror.writeAlone(type, facet, { state: record.live ? 'active' : 'purged' });
}

/** Once found it stays so: SCIM follows a changed name up to 40 minutes later than Graph. */
async function correlated(
  { mirror }: DirectoryDeps,
  { tenantId }: StoredConnection,
  type: ObjectType,
  { link: objectId, live, resource }: StoredResource,
) {
  if (objectId !== undefined) return { objectId };
  if (tenantId === null || !live) return 'none';
  const candidates = await mirror.scimCandidates(tenantId, type, {
    externalId: textOf(resource['externalId']),
    userName: textOf(resource['userName']),
  });
  return correlate(candidates);
}

async function facetOf(
  deps: DirectoryDeps,
  type: ObjectType,
  { connectionId, id, revision, live, resource }: StoredResource,
  ambiguous: boolean,
): Promise<ScimFacet> {
  return {
    ...{ connectionId, id, revision, removed: !live },
    active: typeof resource['active'] === 'boolean' ? resource['active'] : null,
    externalId: textOf(resource['externalId']),
    values: type === 'user' ? userValues(resource) : groupValues(resource),
    managerId: type === 'user' ? await managerIdOf(deps, connectionId, resource) : null,
    ...(ambiguous && { ambiguous }),
  };
}

/** A manager whom SCIM does not know is none yet. */
async function managerIdOf(
  { store }: DirectoryDeps,
  connectionId: string,
  resource: StoredResource['resource'],
): Promise<string | null> {
  const id = managerOf(resource);
  const manager = id === undefined ? undefined : await store.User.get(connectionId, id);
  return manager ? shownId(manager) : null;
}

/** Whoever refers to it refers to another id from now on. */
async function link(
  { store }: DirectoryDeps,
  kind: Kind,
  { _id, connectionId, id }: StoredResource,
  objectId: string,
): Promise<void> {
  await store[kind].link(_id, objectId);
  await store.members.setDue(connectionId, { memberId: id });
  if (kind === 'Group') await store.members.setDue(connectionId, { groupId: id });
  else await store.User.setDue(connectionId, { 'resource.ent.manager.value': id });
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
