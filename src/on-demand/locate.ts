import type { ObjectRef } from '../change.ts';
import type { Graph } from '../graph/types.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import type { StoredObject } from '../mirror/types.ts';
import { PermanentError } from '../ops/errors.ts';
import { createQueries } from '../read/queries.ts';

/** Who or what an operator means, and what the mirror holds of it. */
interface Located {
  ref: ObjectRef;
  stored: StoredObject | undefined;
}

interface Directory {
  mirror: Mirror;
  tenantId: string;
  graphOf: (tenantId: string) => Graph;
}

const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const types = ['user', 'group'] as const;

/**
 * Finds a person by object id, user principal name or mail address, or a group by id or name: in the
 * mirror, else in the directory, which is not searched for names of groups. Throws a `PermanentError`
 * where nobody knows the name, or several groups have it; an id that nobody knows is taken as a person's.
 */
export async function locate(directory: Directory, name: string): Promise<Located> {
  const { mirror, tenantId, graphOf } = directory;
  const person = await createQueries(mirror.collections).person(tenantId, name);
  if (person) return { ref: { type: 'user', id: person.id }, stored: person };

  const refs = types.map((type) => ({ type, id: name }));
  const stored = (await heldOf(directory, refs)) ?? (await groupNamed(directory, name));
  if (stored) return stored;

  const reads = await graphOf(tenantId).read(
    refs.slice(0, objectId.test(name) ? 2 : 1),
    'onDemand',
  );
  const found = reads.find((read) => read.kind === 'found');
  if (found) {
    const { type, id } = found.object;
    return (await heldOf(directory, [{ type, id }])) ?? { ref: { type, id }, stored: undefined };
  }
  if (objectId.test(name)) return { ref: { type: 'user', id: name }, stored: undefined };
  throw new PermanentError(
    'notFound',
    `Neither the mirror nor the directory knows ${name}: give an object id, user principal name, mail address or name of a group.`,
  );
}

async function heldOf(
  { mirror, tenantId }: Directory,
  refs: readonly ObjectRef[],
): Promise<Located | undefined> {
  const held = await mirror.currentOf(tenantId, refs);
  return refs
    .map((ref, index) => ({ ref, stored: held[index] }))
    .find(({ stored }) => stored !== undefined);
}

async function groupNamed(
  { mirror, tenantId }: Directory,
  name: string,
): Promise<Located | undefined> {
  const [group, ...others] = await mirror.groupsNamed(tenantId, name);
  if (!group) return undefined;
  if (others.length === 0) return { ref: { type: 'group', id: group.id }, stored: group };
  const ids = [group, ...others].map(({ id }) => id).join(', ');
  throw new PermanentError('ambiguous', `Several groups have this name; give one's id: ${ids}.`);
}
