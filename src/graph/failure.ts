import { LinkExpiredError, PermanentError, TenantError, ThrottledError } from '../ops/errors.ts';
import { codeAndMessage, MalformedAnswerError } from './errors.ts';
import type { Answer } from './answer.ts';
import type { GraphClient } from './client.ts';
import type { Read } from './types.ts';

type Failure = Extract<Read, { kind: 'throttled' | 'failed' | 'refused' }>;

/**
 * What a failed part of a `$batch` means for its object. A 403 is the object's (`refused`); whether it is
 * the tenant's instead, the caller finds out. Throws `TenantError` where the tenant as a whole is refused.
 */
export function failureOf(client: GraphClient, answer: Answer | Error): Failure {
  if (!(answer instanceof Error) && answer.status === 403) {
    return { kind: 'refused', ...codeAndMessage(answer) };
  }
  const error = answer instanceof Error ? answer : client.errorOf(answer);
  if (error instanceof TenantError) throw error;
  if (error instanceof LinkExpiredError) {
    return { kind: 'refused', code: 'linkExpired', message: error.message };
  }
  if (error instanceof ThrottledError) {
    return { kind: 'throttled', retryAfterMs: error.retryAfterMs };
  }
  const ofThisPart = !(answer instanceof Error);
  if (ofThisPart && error instanceof PermanentError) {
    return { kind: 'refused', code: error.code, message: error.message };
  }
  // A whole $batch refused says nothing of the single object, which may do better in another one.
  const ofTheBatch = error instanceof PermanentError || error instanceof MalformedAnswerError;
  const isAway = !ofThisPart && !ofTheBatch;
  return { kind: 'failed', reason: error.message, ...(isAway && { away: true }) };
}
