/**
 * Compares a mirror with its source, object by object. It shares no code with what writes the
 * mirror, so that a mistake there cannot hide here.
 */

/** The source's own account of itself. */
export interface Source {
  users: SourceObject[];
  groups: SourceObject[];
  memberships: { groupId: string; kind: string; memberId: string; hidden: boolean }[];
  managers: { userId: string; managerId: string; hidden: boolean }[];
}
interface SourceObject {
  id: string;
  state: 'active' | 'softDeleted';
  properties: Record<string, unknown>;
}

/** Documents of a tenant in a collection of the mirror. */
type ReadCollection = (name: 'users' | 'groups' | 'memberships') => AsyncIterable<Document>;
type Document = Record<string, unknown>;

/** `what` names properties, never values. */
export interface Difference {
  collection: 'users' | 'groups' | 'memberships';
  id: string;
  what: string;
}

/** Every difference; none where the mirror equals its source in the properties of `mirrored`. */
export async function compare(
  source: Source,
  read: ReadCollection,
  mirrored: { user: readonly string[]; group: readonly string[] },
): Promise<Difference[]> {
  const managers = new Map(source.managers.map((one) => [one.userId, one]));
  return [
    ...(await compareObjects('users', source.users, read, mirrored.user, managers)),
    ...(await compareObjects('groups', source.groups, read, mirrored.group, new Map())),
    ...(await compareEdges(source, read)),
  ];
}

type Managers = ReadonlyMap<string, { managerId: string; hidden: boolean }>;

async function compareObjects(
  collection: 'users' | 'groups',
  objects: readonly SourceObject[],
  read: ReadCollection,
  names: readonly string[],
  managers: Managers,
): Promise<Difference[]> {
  const expected = new Map(objects.map((object) => [object.id, object]));
  const differences: Difference[] = [];
  const differ = (id: string, what: string) => differences.push({ collection, id, what });
  for await (const document of read(collection)) {
    const id = String(document['id']);
    const object = expected.get(id);
    expected.delete(id);
    const state = stateOf(document);
    if ((object?.state ?? 'purged') !== state)
      differ(id, `${state}, ${object?.state ?? 'gone'} there`);
    else if (object?.state === 'active') {
      const wrong = names.filter((name) => !isEqual(document[name], object.properties[name]));
      if (!isManager(document['managerId'], managers.get(id))) wrong.push('manager');
      if (wrong.length > 0) differ(id, wrong.join(', '));
    }
  }
  for (const id of expected.keys()) differ(id, 'missing');
  return differences;
}

async function compareEdges(source: Source, read: ReadCollection): Promise<Difference[]> {
  const keyOf = (edge: Document) => [edge['groupId'], edge['kind'], edge['memberId']].join('/');
  const expected = new Map(source.memberships.map((edge) => [keyOf({ ...edge }), edge.hidden]));
  const present = new Set<string>();
  for await (const document of read('memberships')) {
    if (document['present'] === true) present.add(keyOf(document));
  }
  const missing = [...expected].filter(([key, hidden]) => !hidden && !present.has(key));
  const isShown = createShown(source);
  const extra = [...present].filter((key) => !expected.has(key) && isShown(key));
  return [
    ...missing.map(([id]): Difference => ({ collection: 'memberships', id, what: 'missing' })),
    ...extra.map((id): Difference => ({ collection: 'memberships', id, what: 'ended there' })),
  ];
}

/** Graph shows no membership of a soft-deleted group or person, so no reader can learn that one has ended. */
function createShown({ users, groups }: Source): (key: string) => boolean {
  const hidden = new Set(
    [...users, ...groups].filter(({ state }) => state === 'softDeleted').map(({ id }) => id),
  );
  return (key) => {
    const [groupId = '', , memberId = ''] = key.split('/');
    return !hidden.has(groupId) && !hidden.has(memberId);
  };
}

const stateOf = ({ mirror }: Document): string =>
  typeof mirror === 'object' && mirror !== null && 'state' in mirror ? String(mirror.state) : '?';

/** A manager who is soft-deleted is not shown by Graph: both ways of mirroring that are right. */
function isManager(held: unknown, expected: { managerId: string; hidden: boolean } | undefined) {
  if (!expected) return (held ?? null) === null;
  return held === expected.managerId || (expected.hidden && (held ?? null) === null);
}

function isEqual(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Null and absent are one, and neither keys nor list items have an order. */
function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(',')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== null && field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.sort().join(',')}}`;
}
