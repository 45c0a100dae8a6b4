import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { parseJson } from './answer.ts';
import { withDeadline } from './deadline.ts';
import { tokenError } from './token-error.ts';

const claims = z.object({ roles: z.array(z.string()) });

/**
 * Asks for a token and looks which application permissions it carries. Tokens are meant to be opaque, so
 * this is for showing only. Throws `TenantError` where the token is refused.
 */
export async function grantedRoles({
  tenantId,
  baseUrl,
  credential,
}: {
  tenantId: string;
  baseUrl: string;
  credential: TokenCredential;
}): Promise<string[] | undefined> {
  const scope = `${new URL(baseUrl).origin}/.default`;
  try {
    const given = await withDeadline(30_000, undefined, 'the token endpoint', (abortSignal) =>
      credential.getToken(scope, { abortSignal }),
    );
    const payload = given?.token.split('.')[1] ?? '';
    const parsed = claims.safeParse(parseJson(Buffer.from(payload, 'base64url').toString()));
    return parsed.data?.roles;
  } catch (error) {
    throw tokenError(error, tenantId);
  }
}
