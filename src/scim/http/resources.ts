import { ScimError } from '../errors.ts';
import { asksFor, present, readSelection, shows, type Selection } from '../schema/present.ts';
import type { ResourceType } from '../schema/attribute.ts';
import type { Resource } from '../schema/value.ts';
import type { ScimStore } from '../store.ts';
import type { StoredResource } from '../types.ts';
import type { Exchange, Reply } from './exchange.ts';

export const etagOf = ({ revision }: StoredResource): string => `W/"${revision}"`;

const locationOf = ({ baseUrl }: Exchange, type: ResourceType, id: string): string =>
  `${baseUrl}${type.endpoint}/${id}`;

export const selectionOf = ({ query }: Exchange, type: ResourceType): Selection =>
  readSelection(type, query);

/** Resources as they are answered; members and groups are read only where they are shown. */
export async function presented(
  store: ScimStore,
  exchange: Exchange,
  type: ResourceType,
  { records, selection }: { records: readonly StoredResource[]; selection: Selection },
): Promise<Resource[]> {
  const members =
    type.name === 'Group' && shows('members', selection)
      ? await membersByGroup(store, exchange, records)
      : undefined;
  const groups =
    type.name === 'User' && asksFor('groups', selection)
      ? await groupsByMember(store, exchange, records)
      : undefined;
  return records.map((record) => {
    const [own, of] = [members?.get(record.id), groups?.get(record.id)];
    const meta = metaOf(exchange, type, record);
    const parts = { id: record.id, meta, ...(own && { members: own }), ...(of && { groups: of }) };
    return present(type, record.resource, parts, selection);
  });
}

/** One resource with its ETag and its address. */
export async function reply(
  store: ScimStore,
  exchange: Exchange,
  type: ResourceType,
  { status, record }: { status: number; record: StoredResource },
): Promise<Reply> {
  const selection = selectionOf(exchange, type);
  const [body] = await presented(store, exchange, type, { records: [record], selection });
  const location = locationOf(exchange, type, record.id);
  return { status, body, headers: { etag: etagOf(record), location } };
}

export function notFound({ name }: ResourceType, id: string): ScimError {
  return new ScimError(404, `${name} ${id.slice(0, 64)} does not exist.`);
}

/** Throws a `ScimError` (412) where the caller has seen another version. */
export function checkVersion({ headers }: Exchange, record: StoredResource): void {
  const wanted = headers['if-match'];
  if (wanted === undefined || wanted === '*') return;
  if (wanted.split(',').some((one) => one.trim() === etagOf(record))) return;
  throw new ScimError(412, 'It was changed since: read it again.');
}

const metaOf = (exchange: Exchange, type: ResourceType, record: StoredResource): Resource => ({
  resourceType: type.name,
  created: record.createdAt.toISOString(),
  lastModified: record.changedAt.toISOString(),
  location: locationOf(exchange, type, record.id),
  version: etagOf(record),
});

async function membersByGroup(
  store: ScimStore,
  { connection, baseUrl }: Exchange,
  groups: readonly StoredResource[],
): Promise<Map<string, Resource[]>> {
  const byGroup = new Map<string, Resource[]>();
  const ids = groups.map(({ id }) => id);
  for (const { groupId, memberId } of await store.members.of(connection._id, ids)) {
    const known = byGroup.get(groupId) ?? [];
    known.push({ value: memberId, $ref: `${baseUrl}/Users/${memberId}` });
    byGroup.set(groupId, known);
  }
  return byGroup;
}

/** Groups that somebody is a member of themselves. */
async function groupsByMember(
  store: ScimStore,
  { connection, baseUrl }: Exchange,
  users: readonly StoredResource[],
): Promise<Map<string, Resource[]>> {
  const edges = await store.members.ofPeople(
    connection._id,
    users.map(({ id }) => id),
  );
  const keys = new Set(edges.map(({ groupId }) => `${connection._id}/${groupId}`));
  const groups = new Map((await store.Group.byKeys([...keys])).map((one) => [one.id, one]));
  const byMember = new Map<string, Resource[]>();
  for (const { groupId, memberId } of edges) {
    const { displayName: display } = groups.get(groupId)?.resource ?? {};
    const $ref = `${baseUrl}/Groups/${groupId}`;
    const known = byMember.get(memberId) ?? [];
    byMember.set(memberId, [...known, { value: groupId, $ref, display, type: 'direct' }]);
  }
  return byMember;
}
