import { isDeepStrictEqual } from 'node:util';
import type { Db } from 'mongodb';
import type { Snapshot, SnapshotObject } from '../../../src/local/graph/directory/snapshot.ts';

interface HeldObject {
  id: string;
  managerId?: string | null;
  mirror: { state: string };
  [property: string]: unknown;
}
interface HeldEdge {
  groupId: string;
  kind: string;
  memberId: string;
  present: boolean;
}

const ours = new Set(['_id', 'tenantId', 'id', 'managerId', 'mirror']);

/**
 * Compares a mirror with the simulated directory's own state, by code that shares nothing with either.
 * An edge or a manager that no reader of Graph is shown (somebody is soft-deleted) may be or not be, and
 * so may every edge of a soft-deleted group.
 */
export async function differences(db: Db, tenantId: string, truth: Snapshot): Promise<string[]> {
  const users = await db.collection<HeldObject>('users').find({ tenantId }).toArray();
  const groups = await db.collection<HeldObject>('groups').find({ tenantId }).toArray();
  const edges = await db.collection<HeldEdge>('memberships').find({ tenantId }).toArray();
  return [
    ...objectDifferences('user', users, truth.users),
    ...objectDifferences('group', groups, truth.groups),
    ...edgeDifferences(edges, truth),
    ...managerDifferences(users, truth),
  ];
}

function objectDifferences(type: string, held: HeldObject[], truth: SnapshotObject[]): string[] {
  const byId = new Map(held.map((document) => [document.id, document]));
  const real = new Set(truth.map(({ id }) => id));
  const extra = held
    .filter(({ id, mirror }) => mirror.state !== 'purged' && !real.has(id))
    .map(({ id }) => `extra ${type} ${id}`);
  const wrong = truth.flatMap(({ id, state, properties }) => {
    const document = byId.get(id);
    if (!document) return state === 'active' ? [`missing ${type} ${id}`] : [];
    if (document.mirror.state !== state) return [`${type} ${id} is not ${state}`];
    if (state !== 'active') return [];
    return Object.keys(document)
      .filter((name) => !ours.has(name))
      .filter((name) => !isDeepStrictEqual(document[name], properties[name] ?? null))
      .map((name) => `${type} ${id} differs in ${name}`);
  });
  return [...extra, ...wrong];
}

function edgeDifferences(held: HeldEdge[], { memberships, groups }: Snapshot): string[] {
  const keyOf = ({ groupId, kind, memberId }: Omit<HeldEdge, 'present'>) =>
    `${groupId}/${kind}/${memberId}`;
  const closed = new Set(groups.filter(({ state }) => state !== 'active').map(({ id }) => id));
  const present = held.filter((edge) => edge.present && !closed.has(edge.groupId)).map(keyOf);
  const shown = memberships.filter(({ hidden }) => !hidden).map(keyOf);
  const real = new Set(memberships.map(keyOf));
  return [
    ...shown.filter((key) => !present.includes(key)).map((key) => `missing edge ${key}`),
    ...present.filter((key) => !real.has(key)).map((key) => `extra edge ${key}`),
  ];
}

function managerDifferences(users: HeldObject[], { managers }: Snapshot): string[] {
  const truth = new Map(managers.map((one) => [one.userId, one]));
  return users
    .filter(({ mirror }) => mirror.state === 'active')
    .filter(({ id, managerId = null }) => {
      const real = truth.get(id);
      return managerId !== (real?.managerId ?? null) && !(real?.hidden && managerId === null);
    })
    .map(({ id }) => `user ${id} has another manager`);
}
