import type { Connections } from '../connect.ts';
import type { Closers } from '../ops/shutdown.ts';
import type { Parts } from './metrics.ts';

const everyMs = 5_000;

/** Publishes what this process counts, so that any process with the api can show all of them. */
export function keepFigures(
  { mirror, figures, clock, log, instanceId }: Connections,
  roles: readonly string[],
  parts: Pick<Parts, 'receiver'>,
  closers: Closers,
): void {
  const closing = new AbortController();
  const lastReceiptAt = () => {
    const ms = parts.receiver?.stats.lastReceiptAt;
    return ms === undefined ? undefined : new Date(ms);
  };
  const beat = async () => {
    const snapshot = { ...figures.snapshot(), lastReceiptAt: lastReceiptAt() };
    await mirror.beat(instanceId, [...roles], snapshot).catch((error: unknown) => {
      log.debug({ err: error }, 'figures not published');
    });
  };
  const run = (async () => {
    while (!closing.signal.aborted) {
      await beat();
      await clock.sleep(everyMs, closing.signal);
    }
  })();
  closers.add('figures', async () => {
    closing.abort();
    await run;
  });
}
