export interface Percentiles {
  p50: number;
  p99: number;
}

/** Keeps the newest `window` samples. */
export function createSamples(window: number) {
  const samples: number[] = [];
  let next = 0;
  return {
    add(sample: number): void {
      samples[next] = sample;
      next = (next + 1) % window;
    },
    percentiles: () => percentiles(samples),
  };
}

/** Null where there is no sample. */
export function percentiles(samples: readonly number[]): Percentiles | null {
  if (samples.length === 0) return null;
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
