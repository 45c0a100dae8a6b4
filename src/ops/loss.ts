/** How many of a tenant's changes no notification announced, as far as the running processes have counted. */
export interface Loss {
  announced: number;
  lost: number;
  /** Lost ones of all. */
  rate: number;
  /** Above the threshold: something takes notifications away, or nobody sends them. */
  isHigh: boolean;
}

/** So few say nothing about a rate. */
const fewest = 5;

/** `threshold` is a share of all changes, 0.01 for one percent. */
export function lossOf(
  { announced, lost }: { announced: number; lost: number },
  threshold: number,
): Loss {
  const rate = lost === 0 ? 0 : lost / (announced + lost);
  return { announced, lost, rate, isHigh: lost >= fewest && rate > threshold };
}
