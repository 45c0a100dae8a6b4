import type { Tenant } from '../tenant.ts';
import { failure, type GraphReply } from './exchange.ts';

/**
 * `GET /{tenant}/v2.0/adminconsent`: an administrator consents without a page and is sent back at once;
 * `organizations` is the first tenant. A refusal carries `admin_consent=True` too, as the real one does.
 */
export function answerConsent(
  tenants: ReadonlyMap<string, Tenant>,
  tenantId: string,
  query: URLSearchParams,
): GraphReply {
  const [first] = tenants.keys();
  const id = tenantId === 'organizations' ? (first ?? '') : tenantId;
  const tenant = tenants.get(id);
  const redirect = query.get('redirect_uri');
  if (!tenant || redirect === null || !URL.canParse(redirect)) {
    return failure(400, 'invalid_request', 'AADSTS90002: no such tenant, or no redirect_uri.');
  }
  const back = new URL(redirect);
  const refusal = {
    error: 'consent_required',
    error_description: 'AADSTS65004: User declined to consent to access the app.',
  };
  back.search = new URLSearchParams({
    ...{ admin_consent: 'True', tenant: id, state: query.get('state') ?? '' },
    ...(tenant.faults.declinesConsent && refusal),
  }).toString();
  return { status: 302, headers: { Location: back.href } };
}
