import type { ObjectRef } from '../change.ts';
import type { Connections } from '../connect.ts';
import type { StoredObject } from '../mirror/types.ts';
import { createQueries } from '../read/queries.ts';

/** Who or what an operator means, and what the mirror holds of it. */
interface Located {
  ref: ObjectRef;
  stored: StoredObject | undefined;
}

const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const types = ['user', 'group'] as const;

/**
 * Finds a person by object id, user principal name or mail address, or a group by id: in the mirror, else
 * in the directory. Throws where neither knows the name; an id that nobody knows is taken as a person's.
 */
export async function locate(connections: Connections, name: string): Promise<Located> {
  const { mirror, tenantId, graphOf } = connections;
  const person = await createQueries(mirror.collections).person(tenantId, name);
  if (person) return { ref: { type: 'user', id: person.id }, stored: person };

  const refs = types.map((type) => ({ type, id: name }));
  const stored = await heldOf(connections, refs);
  if (stored) return stored;

  const reads = await graphOf(tenantId).read(
    refs.slice(0, objectId.test(name) ? 2 : 1),
    'onDemand',
  );
  const found = reads.find((read) => read.kind === 'found');
  if (found) {
    const { type, id } = found.object;
    return (await heldOf(connections, [{ type, id }])) ?? { ref: { type, id }, stored: undefined };
  }
  if (objectId.test(name)) return { ref: { type: 'user', id: name }, stored: undefined };
  throw new Error(
    `Neither the mirror nor the directory knows ${name}: give an object id, user principal name or mail address.`,
  );
}

async function heldOf(
  { mirror, tenantId }: Connections,
  refs: readonly ObjectRef[],
): Promise<Located | undefined> {
  const held = await mirror.currentOf(tenantId, refs);
  return refs
    .map((ref, index) => ({ ref, stored: held[index] }))
    .find(({ stored }) => stored !== undefined);
}
