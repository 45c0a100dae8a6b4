import type { ObjectType } from '../change.ts';
import type { ScimFacet } from '../mirror/facet.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import { aloneId, type AloneWrite } from '../mirror/scim-alone.ts';
import { correlate } from '../mirror/scim-candidates.ts';
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

/** SCIM resources of one kind, each with its connection. */
export interface Projected {
  record: StoredResource;
  connection: StoredConnection;
}

const abreast = 8;

const typeOf = (kind: Kind): ObjectType => (kind === 'User' ? 'user' : 'group');

/** The id under which the directory shows a SCIM resource. */
export const shownId = ({ id, link }: StoredResource): string => link ?? aloneId(id);

/** Brings the directory up to SCIM resources; repeating it changes nothing. */
export async function projectObjects(
  deps: DirectoryDeps,
  kind: Kind,
  projected: readonly Projected[],
): Promise<void> {
  const managers = kind === 'User' ? await managersOf(deps, projected) : new Map<string, string>();
  const writes: AloneWrite[] = [];
  const linked: { record: StoredResource; objectId: string }[] = [];
  await eachOf(projected, async ({ record, connection }) => {
    const found = await correlated(deps, connection, typeOf(kind), record);
    const facet = facetOf(kind, record, managers, found === 'ambiguous');
    const mergedInto = await attached(deps, connection, typeOf(kind), found, facet);
    writes.push({
      facet,
      to:
        mergedInto === undefined
          ? { state: record.live ? 'active' : 'purged' }
          : { state: 'merged', mergedInto },
    });
    if (mergedInto !== undefined && typeof found === 'object' && record.link === undefined) {
      linked.push({ record, objectId: found.objectId });
    }
  });
  await deps.mirror.writeAlone(typeOf(kind), writes);
  for (const { record, objectId } of linked) await link(deps, kind, record, objectId);
}

/** Ids under which the directory shows managers, by their keys; one whom SCIM does not know is none yet. */
async function managersOf(
  { store }: DirectoryDeps,
  projected: readonly Projected[],
): Promise<Map<string, string>> {
  const keys = projected.flatMap(({ record: { connectionId, resource } }) => {
    const id = managerOf(resource);
    return id === undefined ? [] : [`${connectionId}/${id}`];
  });
  if (keys.length === 0) return new Map();
  const found = await store.User.byKeys([...new Set(keys)]);
  return new Map(found.flatMap((one) => (one.live ? [[one._id, shownId(one)]] : [])));
}

async function eachOf(
  projected: readonly Projected[],
  work: (one: Projected) => Promise<void>,
): Promise<void> {
  const left = projected.values();
  const lane = async () => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: abreast }, lane));
}

type Found = { objectId: string } | 'none' | 'ambiguous';

/** Once found it stays so: SCIM follows a changed name up to 40 minutes later than Graph. */
async function correlated(
  { mirror }: DirectoryDeps,
  { tenantId }: StoredConnection,
  type: ObjectType,
  { link: objectId, live, resource }: StoredResource,
): Promise<Found> {
  if (objectId !== undefined) return { objectId };
  if (tenantId === null || !live) return 'none';
  const candidates = await mirror.scimCandidates(tenantId, type, {
    externalId: textOf(resource['externalId']),
    userName: textOf(resource['userName']),
  });
  return correlate(candidates);
}

function facetOf(
  kind: Kind,
  { connectionId, id, revision, live, resource }: StoredResource,
  managers: ReadonlyMap<string, string>,
  ambiguous: boolean,
): ScimFacet {
  return {
    ...{ connectionId, id, revision, removed: !live },
    active: typeof resource['active'] === 'boolean' ? resource['active'] : null,
    externalId: textOf(resource['externalId']),
    values: kind === 'User' ? userValues(resource) : groupValues(resource),
    managerId: managers.get(`${connectionId}/${managerOf(resource) ?? ''}`) ?? null,
    ...(ambiguous && { ambiguous }),
  };
}

/** Key of the document of Graph's object that it now stands beside; undefined where there is none. */
async function attached(
  { mirror }: DirectoryDeps,
  { tenantId }: StoredConnection,
  type: ObjectType,
  found: Found,
  facet: ScimFacet,
): Promise<string | undefined> {
  if (typeof found !== 'object' || tenantId === null) return undefined;
  const key = `${tenantId}/${found.objectId}`;
  return (await mirror.attachFacet(type, key, facet)) ? key : undefined;
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
