import { z } from 'zod';
import { LinkExpiredError, PermanentError, TenantError, ThrottledError } from '../ops/errors.ts';
import type { Answer } from './answer.ts';
import { retryAfterMs } from './retry-after.ts';

const errorBody = z.object({
  error: z.object({ code: z.string().catch('unknown'), message: z.string().catch('') }),
});

/** Where Graph throttles without saying for how long. */
const unsaidRetryMs = 10_000;
const expiredLink = /^(syncStateNotFound|resyncRequired|Directory_ExpiredPageToken)$/i;
const expiredToken = /(skip|delta|page|sync)\s?(token|state)/i;

/** The one meaning of an answer that is not 2xx; `now` dates its Retry-After. */
export function errorOf(answer: Answer, now: number): Error {
  const { status } = answer;
  const { code, message } = codeAndMessage(answer);
  const text = `Graph answered ${status} ${code}: ${message}${requestId(answer)}`;
  const waitMs = retryAfterMs(answer.header('retry-after'), now);

  if (status === 429) return new ThrottledError(waitMs ?? unsaidRetryMs, text);
  if (status >= 500 && waitMs !== undefined) return new ThrottledError(waitMs, text);
  if (status === 401 || status === 403) return new TenantError(text, advice(status, message));
  if (isExpiredLink(status, code, message)) return new LinkExpiredError(text);
  if (status >= 400 && status < 500 && status !== 408) return new PermanentError(code, text);
  return new Error(text);
}

/** Graph's `error.code` and `error.message`, or what stands for them. */
export function codeAndMessage({ body }: Answer): { code: string; message: string } {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return { code: 'unknown', message: 'the body is not an error of Graph' };
  return { code: parsed.data.error.code, message: parsed.data.error.message.slice(0, 500) };
}

/** A 2xx answer whose body is not what the contract says. It may pass. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

export function malformed(what: string, cause?: unknown): MalformedAnswerError {
  const text = `Graph's answer cannot be read as ${what}; it is asked again later`;
  return new MalformedAnswerError(text, { cause });
}

function isExpiredLink(status: number, code: string, message: string): boolean {
  if (status === 410) return true;
  return status >= 400 && status < 500 && (expiredLink.test(code) || expiredToken.test(message));
}

function advice(status: number, message: string): string {
  if (status === 401)
    return 'Check that the app exists in the tenant and that its credential is right.';
  if (/limit|quota/i.test(message)) return 'Delete subscriptions of this app that nobody needs.';
  return 'Grant User.Read.All and Group.Read.All to the app and give admin consent in the tenant.';
}

function requestId(answer: Answer): string {
  const id = answer.header('request-id');
  return id ? ` (request-id ${id})` : '';
}
