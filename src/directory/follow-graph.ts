import type { ObjectType } from '../change.ts';
import type { ChangePlace } from '../mirror/scim-candidates.ts';
import type { StoredObject } from '../mirror/types.ts';
import type { StoredConnection } from '../scim/types.ts';
import type { DirectoryDeps } from './project-objects.ts';

const page = 500;
/** Clocks of several writers differ a little. */
const overlapMs = 30_000;

/** Whom Graph shows after SCIM has sent them is found by following what Graph's reads changed. */
export async function followGraph(deps: DirectoryDeps): Promise<void> {
  for (const connection of await deps.store.connections.list()) {
    if (connection.mode !== 'both') continue;
    for (const type of ['user', 'group'] as const) await follow(deps, connection, type);
  }
}

async function follow(
  { store, mirror }: DirectoryDeps,
  { _id: connectionId, tenantId, followed }: StoredConnection,
  type: ObjectType,
): Promise<void> {
  if (tenantId === null) return;
  const seenAt = followed?.[type] ?? new Date(0);
  let place: ChangePlace = { at: new Date(seenAt.getTime() - overlapMs), key: '' };
  for (;;) {
    const changed = await mirror.changedAfter(tenantId, type, place, page);
    const last = changed.at(-1);
    if (!last) return;
    const unknown = changed.filter(({ mirror: { scim } }) => !scim);
    if (unknown.length > 0) await setDue(store, connectionId, type, unknown);
    place = { at: last.mirror.changedAt, key: last._id };
    if (place.at > seenAt) await store.connections.setFollowed(connectionId, type, place.at);
    if (changed.length < page) return;
  }
}

/** Resources that may be one of these and are none yet. */
async function setDue(
  store: DirectoryDeps['store'],
  connectionId: string,
  type: ObjectType,
  objects: readonly Pick<StoredObject, 'id' | 'mirror'>[],
): Promise<void> {
  const named = { 'resource.externalId': { $in: objects.map(({ id }) => id) } };
  const names = objects.flatMap(({ mirror: { upn } }) => (upn ? [upn, homeName(upn)] : []));
  const isUnlinked = { link: { $exists: false }, live: true };
  const query = type === 'group' ? named : { $or: [named, { 'keys.userName': { $in: names } }] };
  await store[type === 'user' ? 'User' : 'Group'].setDue(connectionId, { ...isUnlinked, ...query });
}

/** A guest's name at home, of which `alias_home.example#ext#@tenant` is made. */
function homeName(upn: string): string {
  const [guest = '', tenant] = upn.split('#ext#@');
  if (tenant === undefined) return upn;
  const at = guest.lastIndexOf('_');
  return `${guest.slice(0, at)}@${guest.slice(at + 1)}`;
}
