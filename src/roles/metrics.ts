import type { Connections } from '../connect.ts';
import { metricTable } from '../read/metrics.ts';
import type { startReceiver } from './receiver.ts';
import type { Status } from './status.ts';
import type { startWorker } from './worker.ts';

/** The roles that this process runs, as far as they have started. */
export interface Parts {
  receiver: Awaited<ReturnType<typeof startReceiver>> | undefined;
  worker: ReturnType<typeof startWorker> | undefined;
}

/** What all processes share is read anew at most this often, however many scrape. */
const freshMs = 5_000;

/** Makes one scrape of this process; what cannot be read is left out of it. */
export function createScrape(
  { metrics, governors, figures, clock }: Connections,
  parts: () => Parts,
  readStatus: () => Promise<Status>,
): () => Promise<string> {
  let read: { atMs: number; status: Promise<Status | undefined> } | undefined;
  const shared = () => {
    if (!read || clock.now() - read.atMs > freshMs)
      read = { atMs: clock.now(), status: readStatus().catch(() => undefined) };
    return read.status;
  };
  return metrics.show(metricTable, async () => {
    const { receiver, worker } = parts();
    return {
      receiver: receiver && { ...receiver.stats, slowShare: receiver.slowShare() },
      worker: worker?.stats,
      governors: governors().map((governor) => governor.stats()),
      counts: figures.snapshot().counts,
      shared: await shared(),
      nowMs: clock.now(),
    };
  });
}
