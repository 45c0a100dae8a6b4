import type { Tenant } from '../tenant.ts';
import type { GraphReply } from './exchange.ts';
import { TOKEN_LIFE_S, type Tokens } from './tokens.ts';

const WRITING = [
  ...['Organization.Read.All', 'User.ReadWrite.All'],
  ...['User-LifeCycleInfo.ReadWrite.All', 'User-Phone.ReadWrite.All'],
];

/** `POST /{tenant}/oauth2/v2.0/token` with client credentials; any secret will do. */
export function issueToken(
  tenants: ReadonlyMap<string, Tenant>,
  tokens: Tokens,
  tenantId: string,
  form: string,
): GraphReply {
  const tenant = tenants.get(tenantId);
  const appId = new URLSearchParams(form).get('client_id');
  if (!tenant) {
    return oauthError(400, 'invalid_request', `AADSTS90002: Tenant '${tenantId}' not found.`);
  }
  if (!appId) {
    return oauthError(400, 'invalid_request', "AADSTS900144: The body must contain 'client_id'.");
  }
  if (tenant.faults.refusesTokens) {
    return oauthError(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.');
  }
  if (tenant.faults.consentSpreads) {
    const message = `AADSTS700016: Application '${appId}' was not found in the directory.`;
    return oauthError(400, 'unauthorized_client', message);
  }
  const life = { expires_in: TOKEN_LIFE_S, ext_expires_in: TOKEN_LIFE_S };
  const access_token = tokens.issue({
    ...{ tenantId, appId },
    roles: tenant.writingApps.includes(appId) ? WRITING : tenant.granted,
  });
  return { status: 200, body: { token_type: 'Bearer', ...life, access_token } };
}

function oauthError(status: number, error: string, description: string): GraphReply {
  return { status, body: { error, error_description: description } };
}
