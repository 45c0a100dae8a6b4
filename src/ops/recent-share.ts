import type { Clock } from './clock.ts';

const slices = 10;

/** The share of hits among what was noted within the last `windowMs`, counted in ten slices; 0 where nothing was. */
export function createRecentShare(clock: Clock, windowMs: number) {
  const counted = new Map<number, { all: number; hits: number }>();
  const sliceNow = () => Math.floor(clock.now() / (windowMs / slices));
  const forgetOld = () => {
    for (const slice of counted.keys()) if (slice <= sliceNow() - slices) counted.delete(slice);
  };
  return {
    note(hit: boolean): void {
      const slice = sliceNow();
      const { all, hits } = counted.get(slice) ?? { all: 0, hits: 0 };
      counted.set(slice, { all: all + 1, hits: hits + Number(hit) });
      forgetOld();
    },
    share(): number {
      forgetOld();
      const sum = (of: 'all' | 'hits') =>
        [...counted.values()].reduce((total, slice) => total + slice[of], 0);
      return sum('all') === 0 ? 0 : sum('hits') / sum('all');
    },
  };
}
