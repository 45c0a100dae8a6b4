import type { Clock } from '../../ops/clock.ts';

/** Entra sends some 25 requests a second; a burst passes, and what is beyond it waits before it is refused. */
const defaults = { perSecond: 1_000, burst: 2_000, maxWaitMs: 2_000 };
const maxKnown = 10_000;

/** Limits by connection. */
export function createRate(clock: Clock, given: Partial<typeof defaults> = {}) {
  const { perSecond, burst, maxWaitMs } = { ...defaults, ...given };
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    /** Waits for its turn; otherwise how many milliseconds too late it is. */
    async enter(key: string): Promise<'in' | number> {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: burst, at: now };
      if (buckets.size > maxKnown) buckets.clear();
      const filled = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
      const waitMs = Math.max(0, ((1 - filled) / perSecond) * 1_000);
      if (waitMs > maxWaitMs) {
        buckets.set(key, { tokens: filled, at: now });
        return waitMs;
      }
      buckets.set(key, { tokens: filled - 1, at: now });
      if (waitMs > 0) await clock.sleep(waitMs);
      return 'in';
    },
  };
}
