import {
  ClientAssertionCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
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

/** Whom a federated credential is meant for, where it is not the public cloud. */
const audiences: Record<string, string> = {
  'graph.microsoft.us': 'api://AzureADTokenExchangeUSGov',
  'dod-graph.microsoft.us': 'api://AzureADTokenExchangeUSGov',
  'microsoftgraph.chinacloudapi.cn': 'api://AzureADTokenExchangeChina',
};
/** Where people and apps of this Graph's cloud sign in. */
export const loginOf = (baseUrl: string): string =>
  isLoopback(baseUrl)
    ? new URL(baseUrl).origin
    : (authorities[new URL(baseUrl).hostname] ?? 'https://login.microsoftonline.com');

/** A Graph on loopback knows the app by this name. */
const localApp = 'entra-mirror';

/** The app that asks for consent at this Graph; undefined where none is set. */
export const appAt = (baseUrl: string, clientId: string | undefined): string | undefined =>
  isLoopback(baseUrl) ? localApp : clientId;

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
  if (isLoopback(baseUrl)) return loopbackCredential(tenantId, baseUrl, localApp);

  const cloud = cloudOf(baseUrl);
  if (clientId && clientSecret) {
    return new ClientSecretCredential(tenantId, clientId, clientSecret, cloud);
  }
  const identity = clientId ? { managedIdentityClientId: clientId } : {};
  return new DefaultAzureCredential({ tenantId, ...cloud, ...identity });
}

/**
 * How the app that writes people proves itself: by its secret, else by this host's managed identity, which
 * the app has to trust (a federated credential). It shares nothing with the app that reads.
 */
export function createWritingCredential(options: {
  tenantId: string;
  baseUrl: string;
  clientId: string;
  clientSecret?: string | undefined;
  managedIdentityClientId?: string | undefined;
}): TokenCredential {
  const { tenantId, baseUrl, clientId, clientSecret, managedIdentityClientId } = options;
  if (isLoopback(baseUrl)) return loopbackCredential(tenantId, baseUrl, clientId);
  const cloud = cloudOf(baseUrl);
  if (clientSecret) return new ClientSecretCredential(tenantId, clientId, clientSecret, cloud);
  const identity = new ManagedIdentityCredential({
    ...(managedIdentityClientId && { clientId: managedIdentityClientId }),
  });
  const audience = audiences[new URL(baseUrl).hostname] ?? 'api://AzureADTokenExchange';
  // It is asked for with each token, also a cached one; managed identities cache theirs.
  const assertion = async () => (await identity.getToken(`${audience}/.default`)).token;
  return new ClientAssertionCredential(tenantId, clientId, assertion, cloud);
}

function cloudOf(baseUrl: string): { authorityHost?: string } {
  const authorityHost = authorities[new URL(baseUrl).hostname];
  return authorityHost ? { authorityHost } : {};
}

function loopbackCredential(tenantId: string, baseUrl: string, clientId: string): TokenCredential {
  const { origin } = new URL(baseUrl);
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
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
