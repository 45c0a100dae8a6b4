import {
  ClientSecretCredential,
  DefaultAzureCredential,
  type TokenCredential,
} from '@azure/identity';
import { z } from 'zod';
import { isLoopback } from './link.ts';

/** Sign-in host by Graph's host, for the national clouds. */
const authorities: Record<string, string> = {
  'graph.microsoft.us': 'https://login.microsoftonline.us',
  'dod-graph.microsoft.us': 'https://login.microsoftonline.us',
  'microsoftgraph.chinacloudapi.cn': 'https://login.partner.microsoftonline.cn',
};

const tokenBody = z.object({ access_token: z.string(), expires_in: z.coerce.number() });

/**
 * How the app proves itself to a tenant: a secret where one is set, else what the host offers (managed
 * identity, workload identity, developer tools). A Graph on loopback issues tokens itself and is never sent the secret.
 */
export function createCredential(options: {
  tenantId: string;
  baseUrl: string;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
}): TokenCredential {
  const { tenantId, baseUrl, clientId, clientSecret } = options;
  if (isLoopback(baseUrl)) return loopbackCredential(tenantId, baseUrl);

  const authorityHost = authorities[new URL(baseUrl).hostname];
  const cloud = authorityHost ? { authorityHost } : {};
  if (clientId && clientSecret) {
    return new ClientSecretCredential(tenantId, clientId, clientSecret, cloud);
  }
  const identity = clientId ? { managedIdentityClientId: clientId } : {};
  return new DefaultAzureCredential({ tenantId, ...cloud, ...identity });
}

function loopbackCredential(tenantId: string, baseUrl: string): TokenCredential {
  const { origin } = new URL(baseUrl);
  const form = {
    grant_type: 'client_credentials',
    client_id: 'entra-mirror',
    client_secret: 'local',
    scope: `${origin}/.default`,
  };
  return {
    getToken: async (_scopes, { abortSignal } = {}) => {
      const response = await fetch(`${origin}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams(form),
        ...(abortSignal instanceof AbortSignal ? { signal: abortSignal } : {}),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text}`);
      const { access_token: token, expires_in: seconds } = tokenBody.parse(JSON.parse(text));
      return { token, expiresOnTimestamp: Date.now() + seconds * 1_000 };
    },
  };
}
