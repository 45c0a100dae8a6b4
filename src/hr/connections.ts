import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import { seal, unseal } from './seal.ts';

/** `hrConnections`: the leave to write into one tenant. */
interface StoredConnection {
  /** The tenant's id. */
  _id: string;
  /** Another with each connect; null: off. */
  epoch: string | null;
  clientId: string | null;
  /** Encrypted; null where the app trusts this host's managed identity. */
  sealedSecret: string | null;
  /** Hash of what HR shows. */
  tokenHash: string | null;
  at: Date;
}

/** A connection that is on. */
export interface Connection {
  tenantId: string;
  epoch: string;
  clientId: string;
  clientSecret?: string;
  connectedAt: Date;
}

export interface Credentials {
  clientId: string;
  clientSecret?: string | undefined;
}

/** Which tenants HR may write to, and as which app. */
export function openConnections({
  db,
  clock,
  key,
}: {
  db: Db;
  clock: Clock;
  key?: string | undefined;
}) {
  const connections: Collection<StoredConnection> = db.collection('hrConnections');
  const now = () => new Date(clock.now());
  return {
    /** Turns a connection on; the token for HR is shown this once. */
    async connect(tenantId: string, credentials: Credentials): Promise<{ token: string }> {
      const token = `hr_${randomBytes(32).toString('base64url')}`;
      const stored = {
        ...{ epoch: randomUUID(), clientId: credentials.clientId, at: now() },
        sealedSecret: sealed(tenantId, credentials.clientSecret, key),
        tokenHash: hash(token),
      };
      await connections.updateOne({ _id: tenantId }, { $set: stored }, { upsert: true });
      return { token };
    },

    /** Turns it off and forgets the credentials; false where it was off. */
    async disconnect(tenantId: string): Promise<boolean> {
      const nothing = { epoch: null, clientId: null, sealedSecret: null, tokenHash: null };
      const { matchedCount } = await connections.updateOne(
        { _id: tenantId, epoch: { $ne: null } },
        { $set: { ...nothing, at: now() } },
      );
      return matchedCount > 0;
    },

    /** Undefined where HR may not write. */
    async current(tenantId: string): Promise<Connection | undefined> {
      const found = await connections.findOne({ _id: tenantId });
      if (!found?.epoch || !found.clientId) return undefined;
      const secret = found.sealedSecret;
      return {
        ...{ tenantId, epoch: found.epoch, clientId: found.clientId, connectedAt: found.at },
        ...(secret !== null && { clientSecret: unseal(secret, needed(key), tenantId) }),
      };
    },

    /** Whether this very connection is still on; asked before each write. */
    async isOn({ tenantId, epoch }: Connection): Promise<boolean> {
      return (await connections.countDocuments({ _id: tenantId, epoch })) > 0;
    },

    /** The tenant whose HR shows this token. */
    async tenantOf(token: string): Promise<string | undefined> {
      return (await connections.findOne({ tokenHash: hash(token) }))?._id;
    },
  };
}

const hash = (token: string): string => createHash('sha256').update(token).digest('base64url');

function sealed(tenantId: string, secret: string | undefined, key: string | undefined) {
  return secret === undefined ? null : seal(secret, needed(key), tenantId);
}

function needed(key: string | undefined): string {
  if (key !== undefined) return key;
  throw new Error(
    'HR_SECRET_KEY is missing: set it (openssl rand -hex 32) before a client secret is stored.',
  );
}
