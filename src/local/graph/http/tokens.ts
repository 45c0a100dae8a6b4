import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../ops/clock.ts';

export interface Caller {
  tenantId: string;
  appId: string;
}

export const TOKEN_LIFE_S = 3_599;

/** Access tokens given out and not expired. */
export function createTokens(clock: Clock) {
  const issued = new Map<string, Caller & { expiresAt: number }>();

  function issue(caller: Caller): string {
    const now = clock.now();
    for (const [token, { expiresAt }] of issued) if (expiresAt <= now) issued.delete(token);
    const token = `local.${randomUUID()}`;
    issued.set(token, { ...caller, expiresAt: now + TOKEN_LIFE_S * 1_000 });
    return token;
  }

  function callerOf(authorization: string | undefined): Caller | undefined {
    const found = issued.get(authorization?.replace(/^Bearer /i, '') ?? '');
    return found && found.expiresAt > clock.now() ? found : undefined;
  }

  return { issue, callerOf };
}
export type Tokens = ReturnType<typeof createTokens>;
