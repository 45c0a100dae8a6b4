import type { Db, IndexDescription } from 'mongodb';

/** Creates every index of the mirror, one command per collection; call it before the first write. */
export async function ensureIndexes(db: Db): Promise<void> {
  for (const [collection, indexes] of Object.entries(mirrorIndexes))
    await db.collection(collection).createIndexes(indexes);
}

/** Those that are not there, as `collection: key`. */
export async function missingIndexes(db: Db): Promise<string[]> {
  const missing: string[] = [];
  for (const [collection, indexes] of Object.entries(mirrorIndexes)) {
    const found = await db.collection(collection).indexes();
    const keys = new Set(found.map(({ key }) => JSON.stringify(key)));
    for (const { key } of indexes)
      if (!keys.has(JSON.stringify(key))) missing.push(`${collection}: ${JSON.stringify(key)}`);
  }
  return missing;
}

/** Removes a document at the time that its `mirror.expireAt` says; those without it stay. */
const expiry: IndexDescription = { key: { 'mirror.expireAt': 1 }, expireAfterSeconds: 0 };

/** These two hold only what carries the mark. */
const heldIndex: IndexDescription = {
  key: { 'mirror.held.hold': 1, _id: 1 },
  partialFilterExpression: { 'mirror.held.hold': { $exists: true } },
};

const unannouncedIndex: IndexDescription = {
  key: { tenantId: 1, 'mirror.unannouncedAt': 1 },
  partialFilterExpression: { 'mirror.unannouncedAt': { $exists: true } },
};

const objectIndexes: IndexDescription[] = [
  { key: { tenantId: 1, 'mirror.state': 1 } },
  { key: { tenantId: 1, 'mirror.fence': -1 } },
  { key: { tenantId: 1, 'mirror.changedAt': 1, _id: 1 } },
  { key: { tenantId: 1, 'mirror.edgesDue.looks': 1, 'mirror.edgesDue.since': 1 } },
  heldIndex,
  unannouncedIndex,
  { key: { 'mirror.scim.connectionId': 1 }, sparse: true },
  expiry,
];

/** None is unique but `_id`: two people may swap their user principal names. */
const mirrorIndexes: Record<string, IndexDescription[]> = {
  users: [
    ...objectIndexes,
    { key: { tenantId: 1, 'mirror.upn': 1 } },
    { key: { tenantId: 1, 'mirror.mail': 1 } },
    { key: { tenantId: 1, managerId: 1, _id: 1 } },
  ],
  groups: objectIndexes,
  memberships: [
    { key: { tenantId: 1, groupId: 1, kind: 1, present: 1, memberId: 1 } },
    { key: { tenantId: 1, memberId: 1, kind: 1, present: 1, groupId: 1 } },
    { key: { tenantId: 1, present: 1, kind: 1 } },
    { key: { tenantId: 1, 'mirror.fence': -1 } },
    { key: { tenantId: 1, 'mirror.changedAt': 1, _id: 1 } },
    heldIndex,
    expiry,
  ],
  holds: [
    { key: { tenantId: 1, openedAt: -1 } },
    { key: { finishedAt: 1 }, expireAfterSeconds: 30 * 86_400 },
  ],
  figures: [{ key: { at: 1 }, expireAfterSeconds: 3_600 }],
  demands: [{ key: { at: 1 }, expireAfterSeconds: 3_600 }],
};
