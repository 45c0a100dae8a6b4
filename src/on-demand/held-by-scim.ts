import { aloneId } from '../mirror/scim-alone.ts';
import type { ScimStore } from '../scim/store.ts';
import type { Kind, StoredConnection, StoredResource } from '../scim/types.ts';
import type { OnDemand, OnDemandDeps, Options } from './types.ts';

/** What Entra's provisioning service has sent of a person or a group, and how to have it send now. */
export async function heldByScim(
  deps: OnDemandDeps,
  connection: StoredConnection,
  name: string,
  options: Options,
): Promise<OnDemand> {
  const found = await resourceNamed(deps.scim, connection, name);
  const result = { source: 'scim', connectionId: connection._id, changed: [] } as const;
  const portal = portalSteps(connection, name, found?.kind);
  if (!found) {
    const detail = 'Entra has not sent it: it is not assigned there, or no cycle has come yet.';
    const steps: OnDemand['steps'] = [{ step: 'found', done: false, detail }];
    return { ...result, changed: [], object: null, state: null, steps, portal };
  }
  const { kind, record } = found;
  const type = kind === 'User' ? 'user' : 'group';
  const key = `${connection._id}/${aloneId(record.id)}`;
  const shown = await deps.mirror.aloneByKey(type, key);
  const isIn = kind === 'Group' || (await deps.isInScope(connection._id, key));
  const held = await heldOf(deps.scim, kind, record, options);
  return {
    ...{ ...result, changed: [], object: { type, id: aloneId(record.id) } },
    state: shown?.mirror.state ?? null,
    steps: [
      { step: 'found', done: true, detail: `Entra sent it first at ${iso(record.createdAt)}.` },
      { step: 'in scope', done: isIn && isAssigned(record), detail: scopeOf(record, isIn) },
      { step: 'mapped', done: true, detail: `${Object.keys(record.resource).length} attributes.` },
      {
        step: 'written',
        done: shown !== undefined && !record.due,
        detail: `Last by ${held.lastCall} at ${iso(record.changedAt)}.`,
      },
    ],
    ...{ held, portal },
  };
}

export const isHeldByScim = async (
  { scim }: OnDemandDeps,
  connection: StoredConnection,
  name: string,
): Promise<boolean> => (await resourceNamed(scim, connection, name)) !== undefined;

/** A resource as operators see it. */
export async function heldOf(
  { members }: ScimStore,
  kind: Kind,
  { connectionId, id, createdAt, changedAt, writtenBy, resource }: StoredResource,
  { values = false }: Options,
): Promise<NonNullable<OnDemand['held']>> {
  const endpoint = kind === 'User' ? '/Users' : '/Groups';
  const path = writtenBy === 'POST' ? endpoint : `${endpoint}/${id}`;
  return {
    ...{ id, createdAt, changedAt, lastCall: `${writtenBy} ${path}` },
    attributes: values ? resource : Object.keys(resource).sort(),
    ...(kind === 'Group' && { members: await members.count(connectionId, id) }),
  };
}

/** By our id, by the name that Entra matches by, or by Entra's id. */
async function resourceNamed(
  scim: ScimStore,
  { _id: connectionId }: StoredConnection,
  name: string,
): Promise<{ kind: Kind; record: StoredResource } | undefined> {
  const lower = name.toLowerCase();
  const id = name.replace(/^scim:/, '');
  for (const kind of ['User', 'Group'] as const) {
    const named = kind === 'User' ? [{ 'keys.userName': lower }, { 'keys.mail': lower }] : [];
    const $or = [
      ...[{ id }, { 'resource.externalId': name }, ...named],
      ...(kind === 'Group' ? [{ 'keys.displayName': lower }] : []),
    ];
    const [record] = await scim[kind].find(connectionId, { $or }, { limit: 1 });
    if (record) return { kind, record };
  }
  return undefined;
}

const isAssigned = ({ resource }: StoredResource) => resource['active'] !== false;

function scopeOf(record: StoredResource, isIn: boolean): string {
  if (!isAssigned(record)) return 'Entra says that it is not assigned any more, or disabled.';
  return isIn ? 'It is assigned.' : 'It is assigned, but in none of the groups in scope.';
}

/** As the portal names them. */
function portalSteps(connection: StoredConnection, name: string, kind?: Kind): string[] {
  const limit = kind === 'Group' ? ' A group is sent with at most five members at once.' : '';
  return [
    'Open entra.microsoft.com → Enterprise applications and choose the application that was made for this connection.',
    'Open Provisioning → Provision on demand.',
    `Select "${name}" and press Provision.${limit}`,
    'Read the four steps that Entra shows: import, scope, match, action.',
    `Ask here again; "${connection.name}" is served by connection ${connection._id}.`,
  ];
}

const iso = (at: Date) => at.toISOString();
