import type { Clock } from '../../../../src/ops/clock.ts';

/** A clock that stands still until it is moved. */
export function handClock(start = Date.UTC(2026, 0, 5)): Clock & { move(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: async () => undefined,
    move(ms) {
      now += ms;
    },
  };
}
