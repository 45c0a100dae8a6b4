import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { StoredConnection, StoredSecret } from '../types.ts';

/** A secret to be shown once, and what is kept of it. */
export function makeSecret(createdAt: Date): { secret: string; stored: StoredSecret } {
  const keyId = randomBytes(8).toString('hex');
  const secret = `scim_${keyId}_${randomBytes(32).toString('base64url')}`;
  const stored = { keyId, hash: hashOf(secret), createdAt, endsAt: null, lastUsedAt: null };
  return { secret, stored };
}

/** The part of a secret by which it is looked up; undefined for what is none. */
export const keyIdOf = (secret: string): string | undefined =>
  /^scim_([0-9a-f]{16})_[\w-]{43}$/.exec(secret)?.[1];

/** Whether a connection takes it at `now`; an unknown key takes as long as a wrong one. */
export function accepts(
  connection: StoredConnection | undefined,
  secret: string,
  now: Date,
): connection is StoredConnection {
  const keyId = keyIdOf(secret);
  const stored = connection?.secrets.find((one) => one.keyId === keyId);
  const isRight = timingSafeEqual(
    Buffer.from(hashOf(secret)),
    Buffer.from(stored?.hash ?? hashOf('')),
  );
  return isRight && stored !== undefined && isLive(stored, now);
}

export const isLive = ({ endsAt }: StoredSecret, now: Date): boolean =>
  endsAt === null || endsAt > now;

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
