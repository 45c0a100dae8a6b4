import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../errors.ts';

/** Where a page ended, for whom and until when. */
interface Cursor {
  last: string;
  /** What was asked for: a cursor is good for the same question only. */
  question: string;
  endsAtMs: number;
}

/** Opaque and signed, in characters that a URL needs not escape. */
export function writeCursor(cursor: Cursor, key: string): string {
  const { last, question, endsAtMs } = cursor;
  const body = Buffer.from(JSON.stringify([last, hashOf(question), endsAtMs])).toString(
    'base64url',
  );
  return `${body}.${signature(body, key)}`;
}

/** The key of the last resource of the page before. Throws a `ScimError` (400). */
export function readCursor(
  sent: string,
  question: string,
  { key, now }: { key: string; now: number },
): string {
  const [body = '', given = ''] = sent.split('.');
  const wanted = Buffer.from(signature(body, key));
  const shown = Buffer.from(given);
  if (shown.length !== wanted.length || !timingSafeEqual(shown, wanted)) throw invalid();
  const [last, asked, endsAtMs] = JSON.parse(
    Buffer.from(body, 'base64url').toString(),
  ) as unknown[];
  if (typeof last !== 'string' || asked !== hashOf(question)) throw invalid();
  if (typeof endsAtMs !== 'number' || endsAtMs < now) {
    throw badRequest('expiredCursor', 'This cursor has expired: begin with the first page.');
  }
  return last;
}

const signature = (body: string, key: string) =>
  createHmac('sha256', key).update(body).digest('base64url');

const hashOf = (question: string) =>
  createHash('sha256').update(question).digest('base64url').slice(0, 16);

const invalid = () =>
  badRequest('invalidCursor', 'This cursor is not of this question: begin with the first page.');
