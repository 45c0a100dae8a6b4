import type { Clock } from '../../ops/clock.ts';

/** The first few refusals are told at once, so that whoever mistypes a secret sees it. */
const defaults = { free: 5, stepMs: 250, maxDelayMs: 2_000, maxWaiting: 20, forgetMs: 60_000 };
const maxKnown = 10_000;

/** Whoever shows wrong secrets again and again is answered later and later; who shows the right one never waits. */
export function createRefusals(clock: Clock, given: Partial<typeof defaults> = {}) {
  const { free, stepMs, maxDelayMs, maxWaiting, forgetMs } = { ...defaults, ...given };
  const known = new Map<string, { count: number; waiting: number; at: number }>();

  const entryOf = (key: string) => {
    const now = clock.now();
    const held = known.get(key) ?? { count: 0, waiting: 0, at: now };
    if (now - held.at >= forgetMs) held.count = 0;
    held.at = now;
    known.delete(key);
    const [oldest] = known.keys();
    if (known.size >= maxKnown && oldest !== undefined) known.delete(oldest);
    known.set(key, held);
    return held;
  };
  return {
    /** Waits before a refusal is told; false where too many wait already. */
    async wait(key: string): Promise<boolean> {
      const entry = entryOf(key);
      entry.count += 1;
      const delayMs = Math.min(maxDelayMs, Math.max(0, entry.count - free) * stepMs);
      if (delayMs === 0) return true;
      if (entry.waiting >= maxWaiting) return false;
      entry.waiting += 1;
      await clock.sleep(delayMs);
      entry.waiting -= 1;
      return true;
    },
  };
}
