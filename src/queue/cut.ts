import type { Change } from '../change.ts';

export interface SetBounds {
  maxChanges: number;
  maxBytes: number;
}

/** Below the 256 kB of a message in the Standard tier, with room for its envelope. */
export const defaultSetBounds: SetBounds = { maxChanges: 500, maxBytes: 190_000 };

/** Cuts changes into runs that each fit one message. */
export function cut(
  changes: readonly Change[],
  { maxChanges, maxBytes }: SetBounds = defaultSetBounds,
): Change[][] {
  const runs: Change[][] = [];
  let run: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = Buffer.byteLength(JSON.stringify(change)) + 1;
    if (run.length > 0 && (run.length >= maxChanges || bytes + size > maxBytes)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(change);
    bytes += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
