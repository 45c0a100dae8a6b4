import type { Snapshot } from '../graph/directory/snapshot.ts';
import { attributesOf, createBody, type Attributes } from './attributes.ts';
import { abreast } from './abreast.ts';
import { managerOperation, personOperations, type Dialect } from './operations.ts';
import type { Target } from './target.ts';

/** A person as the target knows it, by its last request. */
export interface KnownPerson {
  id: string;
  attributes: Attributes;
  active: boolean;
  managerId?: string | undefined;
}

/** One cycle's requests about people: match or create, change, switch off and on, delete, then managers. */
export async function provisionPeople(
  target: Target,
  dialect: Dialect,
  snapshot: Snapshot,
  known: Map<string, KnownPerson>,
): Promise<void> {
  const wanted = new Set(snapshot.users.map(({ id }) => id));
  await abreast(
    [...known.keys()].filter((id) => !wanted.has(id)),
    async (objectId) => {
      await target.remove(`/Users/${known.get(objectId)?.id ?? ''}`);
      known.delete(objectId);
    },
  );
  await abreast(snapshot.users, async ({ id: objectId, state, properties }) => {
    const active = state === 'active' && properties['accountEnabled'] !== false;
    const next = { attributes: attributesOf(properties), active };
    const held = known.get(objectId);
    if (held) await change(target, dialect, held, next);
    else if (state === 'active') known.set(objectId, await match(target, dialect, objectId, next));
  });
  await provisionManagers(target, dialect, snapshot, known);
}

type Wanted = Pick<KnownPerson, 'attributes' | 'active'>;

async function match(
  target: Target,
  dialect: Dialect,
  objectId: string,
  next: Wanted,
): Promise<KnownPerson> {
  const { attributes, active } = next;
  const { Resources = [] } = await target.find(
    '/Users',
    `userName eq "${attributes['userName'] ?? ''}"`,
  );
  const [found] = Resources;
  if (!found) {
    const { id } = await target.post('/Users', createBody(objectId, attributes, active));
    return { id, ...next };
  }
  const held = { id: found.id, attributes: {}, active: !active };
  await change(target, dialect, held, next);
  return { ...held, ...next };
}

async function change(target: Target, dialect: Dialect, held: KnownPerson, next: Wanted) {
  const operations = personOperations(dialect, held, next);
  if (operations.length > 0) await target.patch(`/Users/${held.id}`, operations);
  Object.assign(held, next);
}

/** A reference is sent after both are there. */
async function provisionManagers(
  target: Target,
  dialect: Dialect,
  { managers, users }: Snapshot,
  known: ReadonlyMap<string, KnownPerson>,
): Promise<void> {
  const wanted = new Map(
    managers.map(({ userId, managerId }) => [userId, known.get(managerId)?.id]),
  );
  const active = users.filter(({ state }) => state === 'active');
  await abreast(active, async ({ id: objectId }) => {
    const held = known.get(objectId);
    const managerId = wanted.get(objectId);
    if (!held || held.managerId === managerId) return;
    await target.patch(`/Users/${held.id}`, [managerOperation(dialect, managerId)]);
    held.managerId = managerId;
  });
}
