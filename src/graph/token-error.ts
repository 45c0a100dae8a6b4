import { z } from 'zod';
import { TenantError } from '../ops/errors.ts';

const identityError = z.object({
  name: z.string().catch(''),
  message: z.string().catch(''),
  errorResponse: z.object({ errorDescription: z.string() }).partial().optional().catch(undefined),
  cause: z.object({ errorNo: z.coerce.string() }).optional().catch(undefined),
});

const passing = new Set(['90006', '90024', '90033', '90055', '90090']);
const consent = 'Give admin consent to the app in this tenant.';
const policy = 'Ask an administrator of the tenant to let the app pass its access policies.';
const adviceByCode: Record<string, string> = {
  '700016': consent,
  '7000229': consent,
  '65001': consent,
  '65004': consent,
  '650056': consent,
  '7000112': 'Enable the app (its service principal) in the tenant again.',
  '7000215':
    'The client secret is wrong: set the value of the secret, not its id, in its variable.',
  '7000222': 'The client secret has expired: make a new one and set it in its variable.',
  '700027': 'The certificate or assertion of the app is refused: renew it.',
  '90002': 'There is no such tenant: check AZURE_TENANT_ID.',
  '90038': 'The tenant is in another national cloud: set GRAPH_BASE_URL to its Graph.',
  '900382': 'The tenant is in another national cloud: set GRAPH_BASE_URL to its Graph.',
  '500011': 'The tenant does not know this Graph: set GRAPH_BASE_URL to that of its cloud.',
  '53003': policy,
  '530032': policy,
};
const noCredential =
  'Set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or give this host a managed identity.';

/** The meaning of a failed token request: `TenantError` where someone must act, else a plain error. */
export function tokenError(error: unknown, tenantId: string): Error {
  if (error instanceof TenantError) return error;
  const { name, message, errorResponse, cause } = identityError.parse(Object(error));
  const text = `${message} ${errorResponse?.errorDescription ?? ''}`;
  const code = /AADSTS(\d+)/.exec(text)?.[1] ?? cause?.errorNo;
  const said = `no token for tenant ${tenantId}: ${code ? `AADSTS${code}` : message.slice(0, 300)}`;

  if (code && !passing.has(code)) {
    const advice =
      adviceByCode[code] ?? `Look up AADSTS${code} in Microsoft's list of error codes.`;
    return new TenantError(said, advice, { cause: error });
  }
  if (!code && /Unavailable|Aggregate/.test(name)) {
    return new TenantError(said, noCredential, { cause: error });
  }
  return new Error(said, { cause: error });
}
