import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../../../src/graph/answer.ts';
import { errorOf } from '../../../src/graph/errors.ts';
import {
  LinkExpiredError,
  PermanentError,
  TenantError,
  ThrottledError,
} from '../../../src/ops/errors.ts';

function answer(status: number, body?: unknown, headers: Record<string, string> = {}): Answer {
  return { status, body, header: (name) => headers[name] };
}

const withCode = (code: string, message = '') => ({ error: { code, message } });
const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(`test/fixtures/graph/${name}.json`, 'utf8'));

describe('an answer that is not 2xx', () => {
  it.each<[string, Answer, new (...args: never[]) => Error]>([
    ['429', answer(429, fixture('error-429-throttled')), ThrottledError],
    ['503 with Retry-After', answer(503, '', { 'retry-after': '5' }), ThrottledError],
    ['410', answer(410, fixture('error-410-syncstatenotfound')), LinkExpiredError],
    ['400 syncStateNotFound', answer(400, withCode('syncStateNotFound')), LinkExpiredError],
    ['409 resyncRequired', answer(409, withCode('ResyncRequired')), LinkExpiredError],
    ['400 for a page token', answer(400, withCode('Directory_ExpiredPageToken')), LinkExpiredError],
    ['400 for a skip token', answer(400, withCode('x', 'Invalid skip token')), LinkExpiredError],
    ['401', answer(401, withCode('InvalidAuthenticationToken')), TenantError],
    ['403', answer(403, withCode('Authorization_RequestDenied')), TenantError],
    ['400', answer(400, fixture('error-400-validation-timeout')), PermanentError],
    ['404', answer(404, fixture('error-404-user-not-found')), PermanentError],
  ])('%s has one meaning', (_name, given, kind) => {
    expect(errorOf(given, 0)).toBeInstanceOf(kind);
  });

  it.each([[500], [502], [503], [504], [408], [302]])('%d may pass: a plain error', (status) => {
    const error = errorOf(answer(status, undefined), 0);
    expect(error.name).toBe('Error');
    expect(error.message).toContain(String(status));
  });

  it('carries how long to wait, in milliseconds, with 10 s where Graph does not say', () => {
    expect(errorOf(answer(429, {}, { 'retry-after': '3' }), 0)).toMatchObject({
      retryAfterMs: 3_000,
    });
    expect(errorOf(answer(429, {}), 0)).toMatchObject({ retryAfterMs: 10_000 });
  });

  it('tells what to do about a refused tenant', () => {
    expect(errorOf(answer(403, withCode('Authorization_RequestDenied')), 0)).toMatchObject({
      advice: expect.stringContaining('User.Read.All'),
    });
    expect(errorOf(answer(403, withCode('x', 'The limit of 100 is reached')), 0)).toMatchObject({
      advice: expect.stringContaining('Delete subscriptions'),
    });
  });

  it('keeps the code and the request id of Graph', () => {
    const error = errorOf(answer(400, withCode('BadRequest', 'no'), { 'request-id': 'r1' }), 0);
    expect(error).toMatchObject({ code: 'BadRequest', message: expect.stringContaining('r1') });
  });

  it.each([[undefined], [null], ['<html>'], [{ error: 'text' }], [{ error: { code: 7 } }], [[]]])(
    'survives the body %j',
    (body) => {
      expect(errorOf(answer(400, body), 0)).toBeInstanceOf(PermanentError);
    },
  );
});
