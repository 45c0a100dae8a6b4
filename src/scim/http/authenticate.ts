import { ScimError } from '../errors.ts';
import { accepts, keyIdOf } from '../connections/secret.ts';
import type { StoredConnection } from '../types.ts';

/** Which connection is calling, and with which of its secrets. */
export interface Caller {
  connection: StoredConnection;
  keyId: string;
}

/**
 * The caller by its secret alone; the path must agree. Throws a `ScimError`: 401 with a challenge (RFC
 * 6750), 404 for another connection's path, 503 while the connection is paused.
 */
export async function authenticate(
  authorization: string | undefined,
  connectionId: string,
  deps: {
    findBySecret: (keyId: string) => Promise<StoredConnection | undefined>;
    now: Date;
  },
): Promise<Caller> {
  if (authorization === undefined) throw unauthorized('Show the secret token.', '');
  const secret = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  const keyId = keyIdOf(secret);
  const connection = keyId === undefined ? undefined : await deps.findBySecret(keyId);
  if (keyId === undefined || !accepts(connection, secret, deps.now)) {
    throw unauthorized('This secret token is not valid.', ', error="invalid_token"');
  }
  if (connection._id !== connectionId || connection.mode === 'graph') {
    throw new ScimError(404, 'There is no such connection.');
  }
  if (connection.paused) throw unavailable('This connection is paused.', 300);
  return { connection, keyId };
}

/** Trouble of ours: never 401 or 404, which would put Entra's job into quarantine. */
export const unavailable = (message: string, retryAfterS: number): ScimError =>
  new ScimError(503, message, { headers: { 'retry-after': String(retryAfterS) } });

const unauthorized = (message: string, error: string) =>
  new ScimError(401, message, {
    headers: { 'www-authenticate': `Bearer realm="scim"${error}` },
  });
