import { z } from 'zod';
import type { StoredConnection } from '../types.ts';
import { sign } from './signed.ts';

/** The app that asks for consent, and where; `graph` is Graph's host. */
export interface ConsentApp {
  clientId: string;
  login: string;
  graph: string;
}

/** Where an administrator of the tenant consents to all that the app is registered for. */
export function consentUrl(
  { clientId, login, graph }: ConsentApp,
  connection: StoredConnection,
  asked: { redirectUri: string; nonce: string; endsAt: Date },
): string {
  const url = new URL(`${login}/${connection.tenantId ?? 'organizations'}/v2.0/adminconsent`);
  const state = [connection._id, asked.nonce, sign(connection, 'consent', asked.endsAt)].join('.');
  url.search = new URLSearchParams({
    client_id: clientId,
    scope: `${graph}/.default`,
    redirect_uri: asked.redirectUri,
    state,
  }).toString();
  return url.toString();
}

const redirect = z.object({
  state: z.string().regex(/^[0-9a-f]+\.[\w-]+\.\d+\.[\w-]+$/),
  tenant: z.uuid(),
  admin_consent: z.string().regex(/^true$/i),
});

/**
 * What Entra's redirect says (pure). `error` comes first: a refusal carries `admin_consent=True` too. The
 * tenant in it can be forged; it counts only once a token for it was got.
 */
export function readRedirect(
  query: Record<string, unknown>,
): { refused: string } | { connectionId: string; nonce: string; signed: string; tenantId: string } {
  const { error, error_description: description } = query;
  if (typeof error === 'string') {
    return { refused: typeof description === 'string' ? description : error };
  }
  const parsed = redirect.safeParse(query);
  if (!parsed.success) return { refused: 'This address is not complete.' };
  const [connectionId = '', nonce = '', ...signed] = parsed.data.state.split('.');
  return { connectionId, nonce, signed: signed.join('.'), tenantId: parsed.data.tenant };
}
