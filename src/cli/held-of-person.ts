import type { Connections } from '../connect.ts';
import { openHrStore } from '../hr/store.ts';
import { aloneId } from '../mirror/scim-alone.ts';
import type { StoredObject } from '../mirror/types.ts';
import { locate } from '../on-demand/locate.ts';
import { searchQueue } from '../queue/search.ts';
import { openScimStore } from '../scim/store.ts';
import type { StoredResource } from '../scim/types.ts';
import { openTeamStore } from '../teams/store.ts';
import { deadLettersOf, type WhichQueue } from './dead-letters-of.ts';

/** Whom a request about personal data means. */
export interface Subject {
  /** A connection's id where SCIM alone knows the person. */
  tenantId: string;
  id: string;
  stored: StoredObject | undefined;
}

export type HeldOfPerson = Awaited<ReturnType<typeof heldOf>>;

/** Finds a person as `locate` does, or by the key of their document: `<connection>/scim:<id>`. */
export async function subjectOf(connections: Connections, name: string): Promise<Subject> {
  const { mirror, tenantId } = connections;
  if (!name.includes('/')) {
    const { ref, stored } = await locate(connections, name);
    return { tenantId, id: ref.id, stored };
  }
  const [stored] = await mirror.peopleByKeys([name]);
  if (!stored) throw new Error(`There is no document ${name} in users.`);
  return { tenantId: stored.tenantId, id: stored.id, stored };
}

/** All that is held of a person, by source. */
export async function heldOf(connections: Connections, subject: Subject) {
  const { mirror } = connections;
  const { tenantId, id, stored } = subject;
  const scim = await scimPart(connections, subject);
  const keys = [`${tenantId}/${id}`, ...scim.people.map(({ provisional }) => provisional)];
  const others = [...new Set(keys.slice(1))].filter((key) => key !== keys[0]);
  return {
    person: stored ?? null,
    provisional: await mirror.peopleByKeys(others),
    memberships: await mirror.collections.memberships.find({ $or: keys.map(memberOf) }).toArray(),
    reports: await mirror.reportsOf(tenantId, id),
    erasure: (await mirror.erasureOf(tenantId, id)) ?? null,
    scim: scim.people,
    hr: await hrPart(connections, subject),
    teams: await teamsPart(connections, scim.connectionIds, [...new Set(keys)]),
    ...(await messagesOf(connections, 'directory', [id])),
  };
}

const memberOf = (key: string) => {
  const [tenantId = '', memberId = ''] = key.split('/');
  return { tenantId, memberId };
};

async function scimPart({ db, clock, tenantId }: Connections, subject: Subject) {
  const store = await openScimStore({ db, clock });
  const connections = await store.connections.list();
  const connectionIds = connections.map(({ _id }) => _id);
  const people = connectionIds.includes(subject.tenantId)
    ? await store.User.byKeys([`${subject.tenantId}/${subject.id.replace(/^scim:/, '')}`])
    : await store.User.standingFor(
        connections.filter((one) => one.tenantId === tenantId).map(({ _id }) => _id),
        subject.id,
      );
  const of = (resource: StoredResource) => ({
    connection: resource.connectionId,
    provisional: `${resource.connectionId}/${aloneId(resource.id)}`,
    resource,
  });
  return { connectionIds, people: people.map(of) };
}

async function hrPart(connections: Connections, { tenantId, id, stored }: Subject) {
  const { db, clock } = connections;
  const { records, nicknames } = await openHrStore({ db, clock });
  const known = stored?.['employeeId'];
  const employeeId = typeof known === 'string' ? known : undefined;
  const found = await records.ofPerson(tenantId, { objectId: id, employeeId });
  const ids = new Set([
    ...found.map((record) => record.employeeId),
    ...(employeeId === undefined ? [] : [employeeId]),
  ]);
  const employeeIds = [...ids];
  return {
    employeeIds,
    records: found,
    nicknames: await nicknames.of(tenantId, employeeIds),
    ...(employeeIds.length > 0
      ? await messagesOf(connections, 'hr', employeeIds)
      : { queued: [], deadLetters: [] }),
  };
}

async function teamsPart({ db }: Connections, connectionIds: string[], keys: string[]) {
  const store = await openTeamStore(db);
  return {
    memberships: await store.teamsWith(keys),
    activations: await store.activationsOf(connectionIds, keys),
  };
}

/** What names them in a queue: ids only. */
async function messagesOf(connections: Connections, of: WhichQueue, ids: readonly string[]) {
  const { bus: client, config } = connections;
  const queueName = of === 'hr' ? config.hr.queue : config.queue;
  const searches = ids.map((id) => searchQueue({ client, queueName, id }));
  const letters = await deadLettersOf(connections, of).list(1_000);
  return {
    queued: (await Promise.all(searches)).flat(),
    deadLetters: letters.filter(({ changes }) => changes.some(({ id }) => ids.includes(id))),
  };
}
