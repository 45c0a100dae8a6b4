/** The middle one; of an even number, the mean of the middle two. NaN of none. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** The sample that `share` (0 to 1) of all do not exceed. NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

export const spread = (samples: readonly number[]): [least: number, greatest: number] => [
  Math.min(...samples),
  Math.max(...samples),
];

/** Samples that were taken in the same round, divided; so a machine that slows down slows down both. */
export function ratios(samples: readonly number[], baseline: readonly number[]): number[] {
  return samples.flatMap((sample, round) => {
    const base = baseline[round] ?? NaN;
    return base > 0 ? [sample / base] : [];
  });
}
