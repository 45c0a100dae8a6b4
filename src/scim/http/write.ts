import { isDeepStrictEqual } from 'node:util';
import { ScimError } from '../errors.ts';
import { applyPatch } from '../patch/apply.ts';
import { isNoChange, type MemberChange } from '../patch/members.ts';
import { readOperations } from '../patch/operations.ts';
import type { ResourceType } from '../schema/attribute.ts';
import { resolvePath } from '../schema/path.ts';
import { readResource } from '../schema/read-resource.ts';
import { isObject, type Resource } from '../schema/value.ts';
import type { ScimStore } from '../store.ts';
import type { StoredResource, WriteMethod } from '../types.ts';
import { createMemberChange } from '../patch/members.ts';
import type { Exchange } from './exchange.ts';
import { checkVersion, notFound } from './resources.ts';

/** More than writers of one resource at a time: each try lost means that another one has won. */
const maxTries = 100;
const noMembers: MemberChange = { replaces: false, add: [], remove: [] };

/** Throws a `ScimError` (409, uniqueness) where a live resource has the same name. */
export async function create(
  store: ScimStore,
  { connection, body }: Exchange,
  type: ResourceType,
): Promise<StoredResource> {
  const resource = readResource(type, body);
  const members = membersIn(type, body);
  const record = await store[type.name].create(connection._id, resource);
  if (record === 'taken') throw taken(type);
  return isNoChange(members) ? record : changeMembers(store, type, record, { members, by: 'POST' });
}

/** Replaces the attributes and, of a group, its members where they are given. */
export const put = (store: ScimStore, exchange: Exchange, type: ResourceType, id: string) =>
  change(store, exchange, { type, id, by: 'PUT' }, () => ({
    resource: readResource(type, exchange.body),
    members: membersIn(type, exchange.body),
  }));

export function patch(store: ScimStore, exchange: Exchange, type: ResourceType, id: string) {
  const operations = readOperations(exchange.body);
  return change(store, exchange, { type, id, by: 'PATCH' }, ({ resource }) =>
    applyPatch(type, resource, operations),
  );
}

/** Decided on what is there and repeated until nobody came between; what changes nothing writes nothing. */
async function change(
  store: ScimStore,
  exchange: Exchange,
  { type, id, by }: { type: ResourceType; id: string; by: WriteMethod },
  decide: (seen: StoredResource) => { resource: Resource; members: MemberChange },
): Promise<StoredResource> {
  const resources = store[type.name];
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await resources.get(exchange.connection._id, id);
    if (!seen) throw notFound(type, id);
    checkVersion(exchange, seen);
    const { resource, members: wanted } = decide(seen);
    const members = await effective(store, seen, wanted);
    if (isDeepStrictEqual(resource, seen.resource)) {
      return isNoChange(members) ? seen : changeMembers(store, type, seen, { members, by });
    }
    const intent = isNoChange(members) ? undefined : { ...members, seq: seen.revision + 1 };
    const changed = await resources.change(seen, resource, { by, intent });
    if (changed === 'taken') throw taken(type);
    if (!changed) continue;
    if (intent) await store.members.carryOut(seen, intent);
    return changed;
  }
  throw new ScimError(503, 'It keeps changing.', { headers: { 'retry-after': '1' } });
}

async function changeMembers(
  store: ScimStore,
  type: ResourceType,
  group: StoredResource,
  { members, by }: { members: MemberChange; by: WriteMethod },
): Promise<StoredResource> {
  const revision = await store.members.change(group, members, by);
  if (revision === undefined) throw notFound(type, group.id);
  return { ...group, revision };
}

/** Without those who are members already, those who are none anyway, and those who were deleted. */
async function effective(
  store: ScimStore,
  group: StoredResource,
  { replaces, add, remove }: MemberChange,
): Promise<MemberChange> {
  if (isNoChange({ replaces, add, remove })) return noMembers;
  const { connectionId } = group;
  const [members, users] = await Promise.all([
    store.members.among(group, [...add, ...remove]),
    store.User.liveAmong(connectionId, add),
  ]);
  const others = add.filter((id) => !users.has(id));
  const groups = await store.Group.liveAmong(connectionId, others);
  const isDeleted = (id: string) => (users.get(id) ?? groups.get(id)) === false;
  return {
    replaces,
    add: add.filter((id) => (replaces || !members.has(id)) && !isDeleted(id)),
    remove: remove.filter((id) => members.has(id)),
  };
}

/** What a POST or PUT says of members; nothing where it does not name them. */
function membersIn(type: ResourceType, body: unknown): MemberChange {
  const target = resolvePath(type, 'members');
  const sent = Object.entries(isObject(body) ? body : {}).find(
    ([name]) => name.toLowerCase() === 'members',
  );
  if (!target || !sent) return noMembers;
  const members = createMemberChange();
  members.apply('replace', target, sent[1] ?? []);
  return members.change;
}

const taken = ({ name }: ResourceType) =>
  new ScimError(
    409,
    name === 'User'
      ? 'Another user has this userName.'
      : 'Another group has this externalId or displayName.',
    { scimType: 'uniqueness' },
  );
