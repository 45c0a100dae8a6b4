import type { Difference, Source } from './compare.ts';

type Document = Record<string, unknown>;
type ReadCollection = (name: 'users' | 'groups' | 'memberships') => AsyncIterable<Document>;

/** Properties that Entra's default mapping provisions. */
const provisioned = [
  ...['userPrincipalName', 'displayName', 'jobTitle', 'preferredLanguage', 'employeeType'],
  ...['givenName', 'surname', 'mail', 'mobilePhone', 'officeLocation', 'streetAddress', 'city'],
  ...['state', 'postalCode', 'country', 'employeeId', 'department', 'companyName'],
];

/**
 * Compares what a connection brought into the directory with the tenant that was provisioned. It shares
 * no code with what writes the one or reads the other.
 */
export async function compareScim(source: Source, read: ReadCollection): Promise<Difference[]> {
  const users = await byObjectId(read('users'));
  const groups = await byObjectId(read('groups'));
  const managers = new Map(source.managers.map(({ userId, managerId }) => [userId, managerId]));
  const shown = new Map(
    [...users, ...groups].map(([id, document]) => [id, String(document['id'])]),
  );
  const differences: Difference[] = [];
  for (const { id, state, properties } of source.users) {
    const document = users.get(id);
    users.delete(id);
    const managerId = managers.get(id);
    const what = document
      ? wrongIn(document, state, properties, managerId === undefined ? null : shown.get(managerId))
      : state === 'active' && 'missing';
    if (what) differences.push({ collection: 'users', id, what });
  }
  for (const { id, state, properties } of source.groups) {
    const document = groups.get(id);
    if (state === 'active') groups.delete(id);
    if (state === 'active' && document?.['displayName'] !== properties['displayName']) {
      differences.push({ collection: 'groups', id, what: document ? 'displayName' : 'missing' });
    }
  }
  for (const id of users.keys()) differences.push({ collection: 'users', id, what: 'gone there' });
  for (const id of groups.keys())
    differences.push({ collection: 'groups', id, what: 'gone there' });
  return [...differences, ...(await wrongEdges(source, shown, read('memberships')))];
}

async function byObjectId(documents: AsyncIterable<Document>): Promise<Map<string, Document>> {
  const found = new Map<string, Document>();
  for await (const document of documents) {
    const { state, scim } = document['mirror'] as { state: string; scim?: { externalId?: string } };
    if (state === 'active') found.set(String(scim?.externalId), document);
  }
  return found;
}

function wrongIn(
  document: Document,
  state: string,
  properties: Document,
  managerId: string | null | undefined,
): string {
  const { scim } = document['mirror'] as { scim?: { active?: boolean } };
  const wrong = provisioned.filter(
    (name) => (document[name] ?? null) !== (properties[name] ?? null),
  );
  const active = state === 'active' && properties['accountEnabled'] !== false;
  if (scim?.active !== active) wrong.push('active');
  // The manager of a deleted person is not provisioned any more.
  if (state === 'active' && (document['managerId'] ?? null) !== managerId) wrong.push('manager');
  return wrong.join(', ');
}

async function wrongEdges(
  source: Source,
  shown: ReadonlyMap<string, string>,
  memberships: AsyncIterable<Document>,
): Promise<Difference[]> {
  const expected = new Set(
    source.memberships.flatMap(({ groupId, kind, memberId }) => {
      const [group, member] = [shown.get(groupId), shown.get(memberId)];
      return kind === 'member' && group && member ? [`${group}/${member}`] : [];
    }),
  );
  const differences: Difference[] = [];
  for await (const { groupId, memberId, present } of memberships) {
    const key = `${String(groupId)}/${String(memberId)}`;
    if (present !== true || expected.delete(key)) continue;
    differences.push({ collection: 'memberships', id: key, what: 'ended there' });
  }
  for (const id of expected) differences.push({ collection: 'memberships', id, what: 'missing' });
  return differences;
}
