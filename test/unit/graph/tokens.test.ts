import { describe, expect, it } from '@jest/globals';
import { createTokens } from '../../../src/graph/tokens.ts';
import { ManualClock } from './manual-clock.ts';

const minute = 60_000;

function setUp({ lifeMs = 60 * minute, refusesClaims = false } = {}) {
  const clock = new ManualClock();
  const asked: (string | undefined)[] = [];
  const credential = {
    getToken: async (_scopes: string | string[], options: { claims?: string } = {}) => {
      asked.push(options.claims);
      if (options.claims && refusesClaims) throw new Error('log in again');
      return { token: `token ${asked.length}`, expiresOnTimestamp: clock.now() + lifeMs };
    },
  };
  const deps = { tenantId: 't', scope: 's', clock, credential, timeoutMs: 1_000 };
  return { clock, asked, tokens: createTokens(deps) };
}

describe('tokens of a tenant', () => {
  it('are kept until five minutes before their end', async () => {
    const { tokens, clock, asked } = setUp();
    await tokens.get();
    await clock.advance(54 * minute);
    await tokens.get();
    expect(asked).toHaveLength(1);
    await clock.advance(2 * minute);
    expect(await tokens.get()).toBe('token 2');
  });

  it('that live for minutes only are kept for half of them', async () => {
    const { tokens, clock, asked } = setUp({ lifeMs: 4 * minute });
    await tokens.get();
    await clock.advance(1.9 * minute);
    await tokens.get();
    await clock.advance(0.2 * minute);
    await tokens.get();
    expect(asked).toHaveLength(2);
  });

  it('that Graph refused are fetched anew with claims, at most once a minute', async () => {
    const { tokens, clock, asked } = setUp();
    await tokens.get();
    tokens.refused();
    await tokens.get();
    tokens.refused();
    await tokens.get();
    expect(asked).toEqual([undefined, expect.stringContaining('cp1')]);
    await clock.advance(minute);
    tokens.refused();
    await tokens.get();
    expect(asked).toHaveLength(3);
  });

  it('come from what the credential holds where it refuses claims', async () => {
    const { tokens, asked } = setUp({ refusesClaims: true });
    tokens.refused();
    expect(await tokens.get()).toBe('token 2');
    expect(asked).toEqual([expect.any(String), undefined]);
  });
});
