/** The figures of the live line; times in milliseconds. */
export interface LiveFigures {
  seen: number;
  mirrored: number;
  waiting: number;
  lagMs: { p50: number; p99: number } | null;
  expiresInMs: number | null;
}

/** One line for a terminal: `changes seen 120 · mirrored 118 · waiting 2 · lag p50 35 ms p99 80 ms · …`. */
export function statusLine(figures: LiveFigures): string {
  const { seen, mirrored, waiting, lagMs, expiresInMs } = figures;
  const lag = lagMs ? `lag p50 ${duration(lagMs.p50)} p99 ${duration(lagMs.p99)}` : 'lag –';
  const expiry =
    expiresInMs === null ? 'no subscription' : `subscriptions for ${duration(expiresInMs)}`;
  return [`changes seen ${seen}`, `mirrored ${mirrored}`, `waiting ${waiting}`, lag, expiry].join(
    ' · ',
  );
}

/** `35 ms`, `1.2 s`, `4 min`, `5 h`, `28 d`: the largest unit that fits. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / (24 * 3_600_000))} d`;
}
