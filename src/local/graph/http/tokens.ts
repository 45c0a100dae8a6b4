import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../ops/clock.ts';

/** An application that asks for a token, and what the `roles` claim says. */
type Issued = Caller & { roles: readonly string[] };

export interface Caller {
  tenantId: string;
  appId: string;
}

export const TOKEN_LIFE_S = 3_599;

/** Access tokens given out and not expired. */
export function createTokens(clock: Clock) {
  const issued = new Map<string, Caller & { expiresAt: number }>();

  function issue(caller: Issued): string {
    const now = clock.now();
    for (const [token, { expiresAt }] of issued) if (expiresAt <= now) issued.delete(token);
    const token = printToken(caller);
    issued.set(token, { ...caller, expiresAt: now + TOKEN_LIFE_S * 1_000 });
    return token;
  }

  function callerOf(authorization: string | undefined): Caller | undefined {
    const found = issued.get(authorization?.replace(/^Bearer /i, '') ?? '');
    return found && found.expiresAt > clock.now() ? found : undefined;
  }

  return { issue, callerOf };
}

/** It looks like the real one, claims included, and is signed by nobody. */
function printToken({ tenantId: tid, appId: appid, roles }: Issued): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'none' }), part({ tid, appid, roles }), randomUUID()].join('.');
}
export type Tokens = ReturnType<typeof createTokens>;
