import { isDeepStrictEqual } from 'node:util';
import type { Db, Document } from 'mongodb';
import type { Snapshot, SnapshotObject } from '../../../src/local/graph/directory/snapshot.ts';

/**
 * Compares a mirror with the simulated directory's own state, by code that shares nothing with either.
 * An edge or a manager that no reader of Graph is shown (somebody is soft-deleted) may be or not be, and
 * so may every edge of a soft-deleted group.
 */
export async function differences(db: Db, tenantId: string, truth: Snapshot): Promise<string[]> {
  const held = async (name: string) => db.collection(name).find({ tenantId }).toArray();
  const [users, groups, edges] = [
    await held('users'),
    await held('groups'),
    await held('memberships'),
  ];
  return [
    ...objectDifferences('user', users, truth.users),
    ...objectDifferences('group', groups, truth.groups),
    ...edgeDifferences(edges, truth),
    ...managerDifferences(users, truth),
  ];
}

function objectDifferences(type: string, held: Document[], truth: SnapshotObject[]): string[] {
  const byId = new Map(held.map((document) => [document['id'] as string, document]));
  const real = new Set(truth.map(({ id }) => id));
  const extra = held
    .filter(({ id, mirror }) => mirror.state !== 'purged' && !real.has(id as string))
    .map(({ id }) => `extra ${type} ${id}`);
  const wrong = truth.flatMap(({ id, state, properties }) => {
    const document = byId.get(id);
    if (!document) return state === 'active' ? [`missing ${type} ${id}`] : [];
    if (document['mirror'].state !== state)
      return [`${type} ${id} is ${document['mirror'].state}, not ${state}`];
    if (state !== 'active') return [];
    return Object.keys(document)
      .filter((name) => !['_id', 'tenantId', 'id', 'managerId', 'mirror'].includes(name))
      .filter((name) => !isDeepStrictEqual(document[name], properties[name] ?? null))
      .map((name) => `${type} ${id} differs in ${name}`);
  });
  return [...extra, ...wrong];
}

function edgeDifferences(held: Document[], { memberships, groups }: Snapshot): string[] {
  const closed = new Set(groups.filter(({ state }) => state !== 'active').map(({ id }) => id));
  const keyOf = (edge: Document) => `${edge['groupId']}/${edge['kind']}/${edge['memberId']}`;
  const present = new Set(
    held.filter((edge) => edge['present'] && !closed.has(edge['groupId'] as string)).map(keyOf),
  );
  const real = new Set(memberships.map(keyOf));
  const shown = memberships.filter(({ hidden }) => !hidden).map(keyOf);
  return [
    ...shown.filter((key) => !present.has(key)).map((key) => `missing edge ${key}`),
    ...[...present].filter((key) => !real.has(key)).map((key) => `extra edge ${key}`),
  ];
}

function managerDifferences(users: Document[], { managers }: Snapshot): string[] {
  const truth = new Map(managers.map((one) => [one.userId, one]));
  return users
    .filter(({ mirror }) => mirror.state === 'active')
    .filter(({ id, managerId }) => {
      const real = truth.get(id as string);
      const allowed = [real?.managerId ?? null, ...(real?.hidden ? [null] : [])];
      return !allowed.includes((managerId as string | null | undefined) ?? null);
    })
    .map(({ id }) => `user ${id} has another manager`);
}
