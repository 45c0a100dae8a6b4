import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';

const everyMs = 2_000;
const answerMs = 3_000;

/**
 * Pauses a consumer while MongoDB does not answer: without it no change can be handled, and each one
 * taken from the queue would only be parked and sent again. Gives what ends the watch.
 */
export function pauseWhileAway({
  ping,
  consumer,
  clock,
  log,
}: {
  ping: () => Promise<unknown>;
  consumer: { start(): void; pause(): Promise<void> };
  clock: Clock;
  log: Log;
}): () => Promise<void> {
  const closing = new AbortController();
  const { signal } = closing;
  const turn = async (wasAway: boolean): Promise<boolean> => {
    const isAway = !(await answersInTime(ping, clock));
    if (isAway && !wasAway) {
      log.warn('MongoDB does not answer: nothing is taken from the queue until it does');
      await consumer.pause();
    } else if (wasAway && !isAway && !signal.aborted) {
      log.info('MongoDB answers again');
      consumer.start();
    }
    return isAway;
  };
  const watch = async () => {
    let isAway = false;
    while (!signal.aborted) {
      isAway = await turn(isAway);
      await clock.sleep(everyMs, signal);
    }
  };
  const watching = watch();
  return async () => {
    closing.abort();
    await watching;
  };
}

async function answersInTime(ping: () => Promise<unknown>, clock: Clock): Promise<boolean> {
  const late = new AbortController();
  const answered = ping().then(
    () => true,
    () => false,
  );
  const inTime = await Promise.race([
    answered,
    clock.sleep(answerMs, late.signal).then(() => false),
  ]);
  late.abort();
  return inTime;
}
