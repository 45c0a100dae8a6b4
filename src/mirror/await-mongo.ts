import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { openMongo } from './connect.ts';
import { isOutage } from './retry.ts';

const pauseMs = 2_000;

/** Resolves once MongoDB answers, or `signal` is aborted. Throws what waiting does not mend: a wrong URI or password. */
export async function awaitMongo(
  where: Parameters<typeof openMongo>[0],
  { log, clock, signal }: { log: Log; clock: Clock; signal: AbortSignal },
): Promise<void> {
  for (let isAway = false; !signal.aborted; isAway = true) {
    try {
      const { close } = await openMongo(where);
      if (isAway) log.info('MongoDB answers');
      await close();
      return;
    } catch (error) {
      if (!(error instanceof Error) || !isOutage(error.cause)) throw error;
      if (!isAway) log.warn({ err: error }, 'MongoDB does not answer yet: waiting for it');
    }
    await clock.sleep(pauseMs, signal);
  }
}
