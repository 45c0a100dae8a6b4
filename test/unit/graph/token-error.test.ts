import { describe, expect, it } from '@jest/globals';
import { tokenError } from '../../../src/graph/token-error.ts';

const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name }, more);

describe('a token that was not given', () => {
  it.each([
    ['in the message', named('AuthenticationRequiredError', 'AADSTS7000222: expired')],
    ['in the cause', named('AuthenticationRequiredError', '', { cause: { errorNo: 7000222 } })],
    [
      'in the description',
      named('AuthenticationError', '', {
        errorResponse: { errorDescription: 'AADSTS7000222: expired' },
      }),
    ],
  ])('for a reason %s is the tenant’s own trouble', (_name, error) => {
    expect(tokenError(error, 't')).toMatchObject({
      name: 'TenantError',
      message: 'no token for tenant t: AADSTS7000222',
      advice: expect.stringContaining('secret has expired'),
      cause: error,
    });
  });

  it('because this host has no credential says what to set', () => {
    const error = named('AggregateAuthenticationError', 'ChainedTokenCredential failed');
    expect(tokenError(error, 't')).toMatchObject({
      name: 'TenantError',
      advice: expect.stringContaining('AZURE_CLIENT_ID'),
    });
  });

  it.each([
    [named('AuthenticationRequiredError', 'network_error: no answer')],
    [named('AuthenticationError', 'AADSTS90033: a transient error')],
    ['a text'],
    [undefined],
    [null],
  ])('because of %p may pass', (error) => {
    expect(tokenError(error, 't').name).toBe('Error');
  });
});
