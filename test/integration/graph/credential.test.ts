import { ClientSecretCredential, DefaultAzureCredential } from '@azure/identity';
import { afterEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { createCredential } from '../../../src/graph/credential.ts';

const tenantId = '11111111-2222-3333-4444-555555555555';
const local = 'http://127.0.0.1:4711';

afterEach(() => nock.cleanAll());

describe('the credential', () => {
  it.each([
    ['https://graph.microsoft.com', { clientId: 'c', clientSecret: 's' }, ClientSecretCredential],
    ['https://graph.microsoft.us', { clientId: 'c', clientSecret: 's' }, ClientSecretCredential],
    ['https://graph.microsoft.com', { clientId: 'c' }, DefaultAzureCredential],
    ['https://graph.microsoft.com', {}, DefaultAzureCredential],
  ])('for %s with %j is the SDK’s', (baseUrl, app, kind) => {
    expect(createCredential({ tenantId, baseUrl, ...app })).toBeInstanceOf(kind);
  });

  it('for a Graph on loopback asks that Graph, and never shows it the secret', async () => {
    let form = '';
    nock(local)
      .post(`/${tenantId}/oauth2/v2.0/token`)
      .reply(200, (_uri, body) => {
        form = body as string;
        return { access_token: 'local token', expires_in: '3599' };
      });
    const credential = createCredential({
      tenantId,
      baseUrl: local,
      clientId: 'c',
      clientSecret: 'S',
    });
    const token = await credential.getToken('any');
    expect(token?.token).toBe('local token');
    expect(token?.expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_000_000);
    expect(form).toContain('grant_type=client_credentials');
    expect(form).not.toContain('=S');
  });

  it('says what a Graph on loopback answered instead of a token', async () => {
    nock(local).post(/token/).reply(400, { error_description: 'AADSTS700016: unknown' });
    const asking = createCredential({ tenantId, baseUrl: local }).getToken('any');
    await expect(asking).rejects.toThrow('AADSTS700016');
  });
});
