import { randomBytes } from 'node:crypto';
import { PermanentError } from '../../ops/errors.ts';
import type { ScimStore } from '../store.ts';
import type { Mode, StoredConnection } from '../types.ts';
import { isLive, makeSecret } from './secret.ts';

export type Connections = ReturnType<typeof createConnections>;
interface NewConnection {
  name: string;
  mode: Mode;
  tenantId?: string | undefined;
  attributes?: string[] | undefined;
}
/** A connection and the secret made for it, which is never shown again. */
export interface WithSecret {
  connection: StoredConnection;
  secret?: string;
}

const defaultKeepMs = 7 * 24 * 3_600_000;

/** What operators do with connections. Throws a `PermanentError` where it cannot be done, saying why. */
export const createConnections = (deps: ManageDeps) => ({ ...life(deps), ...secretsOf(deps) });

interface ManageDeps {
  store: ScimStore;
  now: () => Date;
}

function life({ store, now }: ManageDeps) {
  const { connections } = store;
  const change = async (
    id: string,
    changes: Parameters<typeof connections.change>[1],
    what: string,
  ): Promise<StoredConnection> => {
    await found(store, id);
    await connections.change(id, changes, { at: now(), what });
    return found(store, id);
  };
  return {
    get: (id: string) => found(store, id),
    list: () => connections.list(),

    async create(wanted: NewConnection): Promise<WithSecret> {
      if (wanted.tenantId !== undefined) await refuseSecond(connections, wanted.tenantId);
      const made = wanted.mode === 'graph' ? undefined : makeSecret(now());
      const connection = begun(wanted, made ? [made.stored] : [], now());
      await connections.insert(connection);
      return { connection, ...(made && { secret: made.secret }) };
    },

    pause: (id: string) => change(id, { paused: true }, 'paused'),
    resume: (id: string) => change(id, { paused: false }, 'resumed'),

    switch(id: string, on: Partial<Pick<StoredConnection, 'users' | 'groups'>>) {
      const words = Object.entries(on).map(([name, value]) => `${name} ${value ? 'on' : 'off'}`);
      return change(id, on, words.join(', '));
    },

    async bind(id: string, tenantId: string, granted: string[]): Promise<StoredConnection> {
      await refuseSecond(connections, tenantId, id);
      return change(id, { tenantId, granted }, `consent of tenant ${tenantId}`);
    },

    /** With all that it sent. */
    async remove(id: string): Promise<StoredConnection> {
      const connection = await found(store, id);
      await connections.remove(id);
      await Promise.all([store.User, store.Group, store.members].map((one) => one.removeAll(id)));
      return connection;
    },
  };
}

function secretsOf({ store, now }: ManageDeps) {
  return {
    /** Makes a second secret; the one in use ends after `keepMs`, so that Entra can be moved meanwhile. */
    async rotate(id: string, keepMs = defaultKeepMs): Promise<WithSecret> {
      const connection = await found(store, id);
      refuseForGraph(connection);
      const live = connection.secrets.filter((one) => isLive(one, now()));
      refuseThird(live);
      const endsAt = new Date(now().getTime() + keepMs);
      const { secret, stored } = makeSecret(now());
      const secrets = [...live.map((one) => ({ ...one, endsAt })), stored];
      await setSecrets(store, connection, secrets, { at: now(), what: `made ${stored.keyId}` });
      return { connection: await found(store, id), secret };
    },

    /** For who sets it up: secrets that nobody has used yet go at once, so that the button can be pressed again. */
    async renewUnused(id: string): Promise<WithSecret> {
      const connection = await found(store, id);
      refuseForGraph(connection);
      const used = connection.secrets.filter(
        (one) => one.lastUsedAt !== null && isLive(one, now()),
      );
      refuseThird(used);
      const endsAt = new Date(now().getTime() + defaultKeepMs);
      const { secret, stored } = makeSecret(now());
      const secrets = [...used.map((one) => ({ ...one, endsAt })), stored];
      const what = `made ${stored.keyId} on the setup page`;
      await setSecrets(store, connection, secrets, { at: now(), what });
      return { connection: await found(store, id), secret };
    },

    /** One secret, or all of them; at once. */
    async revoke(id: string, keyId?: string): Promise<StoredConnection> {
      const connection = await found(store, id);
      const kept = connection.secrets.filter((one) => keyId !== undefined && one.keyId !== keyId);
      if (kept.length === connection.secrets.length) {
        throw new PermanentError('notFound', `It has no secret ${keyId ?? ''}.`);
      }
      const what = `revoked ${keyId ?? 'every secret'}`;
      await setSecrets(store, connection, kept, { at: now(), what });
      return found(store, id);
    },
  };
}

async function found({ connections }: ScimStore, id: string): Promise<StoredConnection> {
  const connection = await connections.find(id);
  if (!connection) throw new PermanentError('notFound', `There is no connection ${id}.`);
  return connection;
}

/** A third one would end the first while Entra may still use it. */
function refuseThird(live: StoredConnection['secrets']): void {
  if (live.length < 2) return;
  const retiring = live.find(({ endsAt }) => endsAt !== null);
  throw new PermanentError(
    'twoSecrets',
    `Two secrets are live: revoke ${retiring?.keyId ?? 'one'} first, once Entra uses the other.`,
  );
}

function begun(
  { name, mode, tenantId, attributes = [] }: NewConnection,
  secrets: StoredConnection['secrets'],
  at: Date,
): StoredConnection {
  return {
    ...{ _id: randomBytes(9).toString('hex'), name, mode, tenantId: tenantId ?? null },
    ...{ paused: false, createdAt: at, secrets, users: true, groups: true, attributes },
    signingKey: randomBytes(32).toString('base64url'),
    activity: { version: 0, cycles: [] },
    history: [{ at, what: 'created' }],
  };
}

async function refuseSecond(
  connections: ScimStore['connections'],
  tenantId: string,
  ownId?: string,
): Promise<void> {
  const other = (await connections.list()).find(
    (one) => one.tenantId === tenantId && one._id !== ownId,
  );
  if (!other) return;
  throw new PermanentError(
    'tenantTaken',
    `Tenant ${tenantId} is bound to "${other.name}" (${other._id}): remove that connection first.`,
  );
}

function refuseForGraph({ mode }: StoredConnection): void {
  if (mode !== 'graph') return;
  throw new PermanentError('noSecrets', 'This connection follows Graph and has no secrets.');
}

async function setSecrets(
  { connections }: ScimStore,
  connection: StoredConnection,
  secrets: StoredConnection['secrets'],
  entry: { at: Date; what: string },
): Promise<void> {
  if (await connections.setSecrets(connection, secrets, entry)) return;
  throw new PermanentError('changed', 'Its secrets were changed meanwhile: look again.');
}
