/** What a process counted and how far the mirror was behind. */
export interface Figures {
  count(name: string, by?: number): void;
  /** From the receipt of a notification to the write it led to, in milliseconds. */
  lag(ms: number): void;
  snapshot(): { counts: Record<string, number>; lagMs: Percentiles | null };
}
export interface Percentiles {
  p50: number;
  p99: number;
}

/** Lag is over the last `window` writes. */
export function createFigures({
  window = 2_000,
  onLag = () => undefined,
}: { window?: number; onLag?: (ms: number) => void } = {}): Figures {
  const counts = new Map<string, number>();
  const lags: number[] = [];
  let next = 0;
  return {
    count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    lag(ms) {
      lags[next] = ms;
      next = (next + 1) % window;
      onLag(ms);
    },
    snapshot: () => ({ counts: Object.fromEntries(counts), lagMs: percentiles(lags) }),
  };
}

/** Null where there is no sample. */
export function percentiles(samples: readonly number[]): Percentiles | null {
  if (samples.length === 0) return null;
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
