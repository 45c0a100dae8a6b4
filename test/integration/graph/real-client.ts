import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { createGovernor, type GovernorOptions } from '../../../src/graph/governor.ts';
import { createGraph } from '../../../src/graph/graph.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';

export const host = 'https://graph.microsoft.com';

/** The token source is the only fake: it counts, and fails or hangs when told to. */
export class FakeCredential implements TokenCredential {
  asked: (GetTokenOptions | undefined)[] = [];
  answer: () => Promise<AccessToken> = async () => ({
    token: `token-${this.asked.length}`,
    expiresOnTimestamp: Date.now() + 3_600_000,
  });

  async getToken(_scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    this.asked.push(options);
    return this.answer();
  }
}

/** The real SDK, reading one tenant. */
export function realClient(
  options: {
    baseUrl?: string;
    credential?: TokenCredential;
    timeouts?: { requestMs?: number; tokenMs?: number };
    governor?: Partial<GovernorOptions>;
  } = {},
) {
  const { baseUrl = host, credential = new FakeCredential(), timeouts } = options;
  const common = { tenantId: 'tenant', clock: systemClock, log: silentLog };
  const governor = createGovernor({ ...common, unitsPer10s: () => 1_000_000, ...options.governor });
  const graph = createGraph({ ...common, baseUrl, credential, governor, timeouts });
  return { graph, governor };
}
