import type { Connections } from '../connect.ts';
import { openHrStore } from '../hr/store.ts';
import type { StoredErasure } from '../mirror/erasures.ts';
import { openScimStore } from '../scim/store.ts';
import { openTeamStore } from '../teams/store.ts';
import { heldOf, subjectOf, type HeldOfPerson, type Subject } from './held-of-person.ts';

/** What was erased, beside what the tombstone keeps. */
export interface Erased extends StoredErasure {
  scimResources: number;
  nicknames: number;
  activations: number;
}

/** Erases whom no source holds any more; throws, and erases nothing, while one would bring the data back. */
export async function erasePerson(connections: Connections, name: string): Promise<Erased> {
  const subject = await subjectOf(connections, name);
  const { tenantId, id } = subject;
  await refuseWhoIsAlive(connections, subject);
  const held = await heldOf(connections, subject);
  refuseWhoIsSent(held);
  const nothing = held.scim.length + held.hr.records.length + held.hr.nicknames.length === 0;
  if (!held.person && nothing) throw new Error(`Nothing is held of ${id}.`);
  await eraseBesides(connections, subject, held);
  const erasure = await eraseDocument(connections, subject);
  connections.log.warn({ tenantId, id }, 'person erased');
  return {
    ...erasure,
    scimResources: held.scim.length,
    nicknames: held.hr.nicknames.length,
    activations: held.teams.activations.length,
  };
}

async function refuseWhoIsAlive(connections: Connections, subject: Subject): Promise<void> {
  const { graphOf, tenantId } = connections;
  const { id, stored } = subject;
  if (stored?.mirror.source === 'manual')
    throw new Error(`Person ${id} was added by hand: remove them where they were added.`);
  if (subject.tenantId !== tenantId) return;
  const [read] = await graphOf(tenantId).read([{ type: 'user', id }], 'onDemand');
  if (read?.kind === 'found')
    throw new Error(`Person ${id} is alive in the directory: delete the person there first.`);
  if (read?.kind !== 'missing' && read?.kind !== 'softDeleted')
    throw new Error(`Graph does not tell whether ${id} is gone: try again, or ask "doctor".`);
  if (stored?.mirror.state === 'active')
    throw new Error(
      `The mirror still holds ${id} as active: "fetch ${id}", and erase when it is gone there.`,
    );
}

/** What a source still sends would be back with its next request. */
function refuseWhoIsSent({ hr, scim }: HeldOfPerson): void {
  const record = hr.records.find(({ employee }) => employee !== null);
  if (record)
    throw new Error(
      `HR still holds them as employee ${record.employeeId}: delete the record there first (DELETE /hr/employees/${record.employeeId}).`,
    );
  const live = scim.find(
    ({ resource: { live, resource } }) => live && resource['active'] !== false,
  );
  if (live)
    throw new Error(
      `Connection ${live.connection} still provisions them: take the assignment to the application away in Entra first.`,
    );
}

/** The document and the record that it was done come last, so that a crash is repaired by a repetition. */
async function eraseBesides(
  { db, clock, mirror }: Connections,
  { tenantId, id }: Subject,
  { scim, hr }: HeldOfPerson,
): Promise<void> {
  const store = await openScimStore({ db, clock });
  for (const { resource, provisional } of scim) {
    await store.User.erase(resource);
    await mirror.eraseAlone(provisional);
  }
  const { records, nicknames } = await openHrStore({ db, clock });
  await records.forget(tenantId, hr.employeeIds);
  await nicknames.forget(tenantId, hr.employeeIds);
  const connectionIds = (await store.connections.list()).map(({ _id }) => _id);
  const keys = [`${tenantId}/${id}`, ...scim.map(({ provisional }) => provisional)];
  await (await openTeamStore(db)).endActivations(connectionIds, keys);
}

async function eraseDocument(
  { mirror, tenantId }: Connections,
  subject: Subject,
): Promise<StoredErasure> {
  if (subject.tenantId !== tenantId || !subject.stored)
    return mirror.noteErasure(subject.tenantId, subject.id);
  const erasure = await mirror.erase(tenantId, subject.id);
  if (!erasure) throw new Error(`${subject.id} has just come back: nothing of it is erased.`);
  return erasure;
}
