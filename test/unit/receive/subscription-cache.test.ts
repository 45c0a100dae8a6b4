import { describe, expect, it } from '@jest/globals';
import { silentLog } from '../../../src/ops/log.ts';
import type { Known } from '../../../src/receive/known-subscriptions.ts';
import { SubscriptionCache, type KnownLimits } from '../../../src/receive/subscription-cache.ts';

const known: Known = { tenantId: 'a', subscriptionId: 's1', clientStateHash: 'h1' };
const pending: Known = { tenantId: 'a', clientStateHash: 'h2' };
const never = () => new Promise<never>(() => undefined);

/** A clock that stands still until it is moved; a sleep ends when its time has come. */
function handClock() {
  let now = 1_000_000;
  const sleepers: { until: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((wake) => {
        sleepers.push({ until: now + ms, wake });
        signal?.addEventListener('abort', () => wake());
      }),
    advance: async (ms: number) => {
      now += ms;
      for (const { until, wake } of sleepers) if (until <= now) wake();
      await new Promise(setImmediate);
    },
  };
}

function cacheOf({
  load = async () => [],
  find = async () => undefined,
  limits = {},
}: {
  load?: () => Promise<Known[]>;
  find?: (id: string, hash: string) => Promise<Known | undefined>;
  limits?: Partial<KnownLimits>;
}) {
  const clock = handClock();
  let finds = 0;
  const counted = (id: string, hash: string) => {
    finds += 1;
    return find(id, hash);
  };
  const cache = new SubscriptionCache({ load, find: counted, clock, log: silentLog, limits });
  return { cache, clock, finds: () => finds };
}

describe('consistency 6.1: unknown is a verdict that only the primary may give', () => {
  it('knows what was loaded without asking', async () => {
    const { cache, finds } = cacheOf({ load: async () => [known, pending] });
    await cache.start();
    expect(await cache.lookup('s1', 'wrong')).toBe(known);
    expect(finds()).toBe(0);
    cache.close();
  });

  it('7.1: knows a create call under way by its hash', async () => {
    const { cache } = cacheOf({ load: async () => [pending] });
    await cache.start();
    expect(await cache.lookup('not-told-yet', 'h2')).toBe(pending);
    cache.close();
  });

  it('asks for what it does not know, and remembers it', async () => {
    const { cache, finds } = cacheOf({ find: async () => known });
    expect(await cache.lookup('s1', 'h1')).toBe(known);
    expect(await cache.lookup('s1', 'h1')).toBe(known);
    expect(finds()).toBe(1);
  });

  it.each([
    ['fails', async () => Promise.reject(new Error('no primary'))],
    ['gives no answer within 500 ms', never],
  ])('cannot tell where the primary %s', async (_, find) => {
    const { cache, clock } = cacheOf({ find });
    const verdict = cache.lookup('s1', 'h1');
    await clock.advance(500);
    expect(await verdict).toBe('cannotTell');
  });

  it('remembers a stranger for seconds only', async () => {
    const { cache, clock, finds } = cacheOf({});
    expect(await cache.lookup('s9', 'h9')).toBe('unknown');
    expect(await cache.lookup('s9', 'h9')).toBe('unknown');
    expect(finds()).toBe(1);
    await clock.advance(5_001);
    expect(await cache.lookup('s9', 'h9')).toBe('unknown');
    expect(finds()).toBe(2);
  });

  it('asks a limited number of times in a second, and cannot tell beyond', async () => {
    const { cache, clock, finds } = cacheOf({ limits: { findsPerSecond: 2 } });
    const ask = (id: string) => cache.lookup(id, 'h');
    expect(await Promise.all(['1', '2', '3'].map(ask))).toEqual([
      'unknown',
      'unknown',
      'cannotTell',
    ]);
    await clock.advance(1_000);
    expect(await ask('3')).toBe('unknown');
    expect(finds()).toBe(3);
  });

  it('asks once for copies that arrive together', async () => {
    const { cache, finds } = cacheOf({ find: async () => known });
    await Promise.all([cache.lookup('s1', 'h1'), cache.lookup('s1', 'h1')]);
    expect(finds()).toBe(1);
  });

  it('loads every minute, and keeps what it knows where that fails', async () => {
    const answers = [async () => [known], async () => Promise.reject(new Error('away'))];
    const later: Known = { ...known, subscriptionId: 's2', clientStateHash: 'h2' };
    const load = () => (answers.shift() ?? (async () => [later]))();
    const { cache, clock } = cacheOf({ load });
    await cache.start();
    await clock.advance(60_000);
    expect(await cache.lookup('s1', 'h1')).toBe(known);
    await clock.advance(60_000);
    expect(await cache.lookup('s2', 'h2')).toBe(later);
    cache.close();
  });
});
