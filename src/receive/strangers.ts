import type { Clock } from '../ops/clock.ts';

interface Strangers {
  has(key: string): boolean;
  add(key: string): void;
  /** Counts a question; `false` once a second has had its share. */
  mayAsk(): boolean;
}

const maxStrangers = 10_000;

/** Who was not known a moment ago, and how often we may ask again. */
export function createStrangers(
  clock: Clock,
  { strangerMs, findsPerSecond }: { strangerMs: number; findsPerSecond: number },
): Strangers {
  const knownUntil = new Map<string, number>();
  let second = 0;
  let asked = 0;
  return {
    has: (key) => (knownUntil.get(key) ?? 0) > clock.now(),
    add: (key) => {
      if (knownUntil.size >= maxStrangers) knownUntil.clear();
      knownUntil.set(key, clock.now() + strangerMs);
    },
    mayAsk: () => {
      const now = Math.floor(clock.now() / 1_000);
      if (now !== second) asked = 0;
      second = now;
      asked += 1;
      return asked <= findsPerSecond;
    },
  };
}
