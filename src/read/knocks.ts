import type { Clock } from '../ops/clock.ts';

const perMinute = 30;
const maxAddresses = 10_000;

/** Counts by address who was turned away within this minute. */
export function createKnocks(clock: Clock) {
  const counted = new Map<string, number>();
  let minute = 0;
  return {
    /** Counts one; `false` for those past the limit. */
    mayKnock(address: string): boolean {
      const now = Math.floor(clock.now() / 60_000);
      if (now !== minute || counted.size >= maxAddresses) counted.clear();
      minute = now;
      const knocked = (counted.get(address) ?? 0) + 1;
      counted.set(address, knocked);
      return knocked <= perMinute;
    },
  };
}
