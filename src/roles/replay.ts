import type { Connections } from '../connect.ts';
import type { Closers } from '../ops/shutdown.ts';
import { createDeadLetters } from '../queue/dead-letters.ts';
import { underLease, type LeaseDeps } from '../sync/lease.ts';

/** Replays by itself what the broker gave up on: that is unfinished work, and nobody has judged it. */
export function keepReplaying(
  { bus, config, publisher, figures, ...connections }: Connections,
  lease: LeaseDeps,
  closers: Closers,
): void {
  const { clock, timings } = connections;
  const log = connections.log.child({ role: 'scheduler' });
  const closing = new AbortController();
  const { signal } = closing;
  const deadLetters = createDeadLetters({
    ...{ client: bus, queueName: config.queue, send: publisher.send, clock, log },
  });
  const replay = async () => {
    const replayed = await underLease(lease, 'dead-letters', { signal }, () =>
      deadLetters.replayUnfinished(),
    );
    if (!replayed) return;
    figures.count('replayed', replayed);
    log.warn({ messages: replayed }, 'replayed what the broker had given up on');
  };
  const run = (async () => {
    while (!signal.aborted) {
      await replay().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'dead letters not looked at, tried again');
      });
      await clock.sleep(timings.replayEveryMs, signal);
    }
  })();
  closers.add('replays', async () => {
    closing.abort();
    await run;
  });
}
