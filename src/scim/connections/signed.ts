import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StoredConnection } from '../types.ts';

/** What a signature of a connection is good for; one never passes for another. */
type Purpose = 'setup' | 'consent';

/** A text that only this connection can have made, until `endsAt`. */
export function sign(connection: StoredConnection, purpose: Purpose, endsAt: Date): string {
  const end = String(endsAt.getTime());
  return `${end}.${signature(connection, purpose, end)}`;
}

export function isSigned(
  connection: StoredConnection,
  purpose: Purpose,
  sent: string,
  now: Date,
): boolean {
  const [end = '', given = ''] = sent.split('.');
  const wanted = Buffer.from(signature(connection, purpose, end));
  const shown = Buffer.from(given);
  const isRight = shown.length === wanted.length && timingSafeEqual(shown, wanted);
  return isRight && Number(end) > now.getTime();
}

const signature = ({ _id, signingKey }: StoredConnection, purpose: Purpose, end: string): string =>
  createHmac('sha256', signingKey).update(`${purpose}/${_id}/${end}`).digest('base64url');
