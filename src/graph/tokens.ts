import type { AccessToken, TokenCredential } from '@azure/identity';
import type { Clock } from '../ops/clock.ts';
import { withDeadline } from './deadline.ts';
import { tokenError } from './token-error.ts';

const minute = 60_000;
/** Any claims make a credential ask anew; these only say that we understand claims challenges. */
const freshClaims = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';

interface Tokens {
  /** Throws `TenantError` where the token is refused, a plain error where it may pass. */
  get: () => Promise<string>;
  /**
   * Graph refused the token in use (401, 403): the next one is fetched anew, since a cached one keeps
   * the roles it was made with for an hour after consent.
   */
  refused: () => void;
}

/** Access tokens of one tenant: asked for once at a time, kept until shortly before they end. */
export function createTokens(deps: {
  tenantId: string;
  credential: TokenCredential;
  scope: string;
  clock: Clock;
  timeoutMs: number;
}): Tokens {
  const { tenantId, clock, timeoutMs } = deps;
  let held: { token: string; freshUntil: number } | undefined;
  let asking: Promise<string> | undefined;
  let askAnew = false;
  let refusedAt = -Infinity;

  const ask = async (): Promise<string> => {
    try {
      const anew = askAnew;
      askAnew = false;
      const { token, expiresOnTimestamp } = await withDeadline(
        timeoutMs,
        undefined,
        'the token endpoint',
        (signal) => fetchToken(deps, anew, signal),
      );
      held = { token, freshUntil: freshUntil(clock.now(), expiresOnTimestamp) };
      return token;
    } catch (error) {
      throw tokenError(error, tenantId);
    } finally {
      asking = undefined;
    }
  };

  return {
    get: async () => {
      if (held && clock.now() < held.freshUntil) return held.token;
      return (asking ??= ask());
    },
    refused: () => {
      if (clock.now() - refusedAt < minute) return;
      refusedAt = clock.now();
      held = undefined;
      askAnew = true;
    },
  };
}

async function fetchToken(
  { credential, scope }: { credential: TokenCredential; scope: string },
  anew: boolean,
  abortSignal: AbortSignal,
): Promise<AccessToken> {
  // Credentials of a developer's tools refuse claims; what they have cached must do then.
  const fresh = anew
    ? await credential.getToken(scope, { abortSignal, claims: freshClaims }).catch(() => null)
    : null;
  const token = fresh ?? (await credential.getToken(scope, { abortSignal }));
  if (!token) throw new Error('the credential gave no token');
  return token;
}

/** Five minutes before the end, or at half time of a token that lives less than ten. */
function freshUntil(now: number, end: number): number {
  return end - Math.min(5 * minute, (end - now) / 2);
}
