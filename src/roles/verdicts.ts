import type { Connections } from '../connect.ts';
import type { Closers } from '../ops/shutdown.ts';

const everyMs = 5_000;

/** Notes with its subscription whether what comes for it is authentic; a few seconds late, in one write. */
export function noteVerdicts({ subscriptions, clock, log }: Connections, closers: Closers) {
  let authentic = new Set<string>();
  let mismatches = new Map<string, number>();
  const closing = new AbortController();
  const flush = async () => {
    const [matched, mismatched] = [[...authentic], [...mismatches]];
    authentic = new Set();
    mismatches = new Map();
    await subscriptions.noteVerdicts(matched, mismatched).catch((error: unknown) => {
      log.debug({ err: error }, 'receipts not noted');
    });
  };
  const run = (async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(everyMs, closing.signal);
      await flush();
    }
  })();
  closers.add('verdicts', () => {
    closing.abort();
    return run;
  });
  return (subscriptionId: string, isAuthentic: boolean): void => {
    if (isAuthentic) authentic.add(subscriptionId);
    else mismatches.set(subscriptionId, (mismatches.get(subscriptionId) ?? 0) + 1);
  };
}
