import type { Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import { createConnectionStore } from './store-connections.ts';
import { createMemberStore } from './store-members.ts';
import { createResourceStore } from './store-resources.ts';
import type { StoredConnection, StoredMember, StoredResource } from './types.ts';

export type ScimStore = Awaited<ReturnType<typeof openScimStore>>;

/** What SCIM sent and by which connection, in collections of its own, their indexes in place. */
export async function openScimStore({ db, clock }: { db: Db; clock: Clock }) {
  const connections = db.collection<StoredConnection>('connections');
  const users = db.collection<StoredResource>('scimUsers');
  const groups = db.collection<StoredResource>('scimGroups');
  const members = db.collection<StoredMember>('scimMembers');
  const due = { key: { due: 1 }, partialFilterExpression: { due: true } } as const;
  const unique = { unique: true, partialFilterExpression: { live: true } } as const;
  const resourceIndexes = [
    { key: { connectionId: 1, 'keys.unique': 1 }, ...unique },
    { key: { connectionId: 1, live: 1, id: 1 } },
    { key: { connectionId: 1, 'keys.displayName': 1, live: 1 } },
    { key: { connectionId: 1, 'resource.externalId': 1, live: 1 } },
    due,
    { key: { expireAt: 1 }, expireAfterSeconds: 0 },
  ];
  await connections.createIndexes([{ key: { 'secrets.keyId': 1 } }]);
  await users.createIndexes([
    ...resourceIndexes,
    { key: { connectionId: 1, 'keys.userName': 1, live: 1 } },
    { key: { connectionId: 1, 'keys.mail': 1, live: 1 } },
    { key: { connectionId: 1, 'resource.ent.manager.value': 1 } },
  ]);
  await groups.createIndexes(resourceIndexes);
  await members.createIndexes([
    { key: { connectionId: 1, groupId: 1, present: 1, memberId: 1 } },
    { key: { connectionId: 1, memberId: 1, present: 1, groupId: 1 } },
    due,
  ]);
  const now = () => new Date(clock.now());
  return {
    User: createResourceStore('User', users, now),
    Group: createResourceStore('Group', groups, now),
    members: createMemberStore(members, groups, now),
    connections: createConnectionStore(connections),
  };
}
