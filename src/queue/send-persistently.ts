import type { ServiceBusMessage } from '@azure/service-bus';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { SendMessages } from './publish.ts';

interface SendDeps {
  send: SendMessages;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** A send that was under way when the connection broke is never answered. */
  answerMs: number;
}

const longestWaitMs = 30_000;
const maxTries = 8;

/**
 * Sends until the broker has accepted all, for some two minutes at most; `false` where it has not. The messages that
 * depend on it stay in hand meanwhile: with the broker away they could not be settled either.
 */
export async function sendPersistently(
  messages: readonly ServiceBusMessage[],
  { send, clock, log, signal, answerMs }: SendDeps,
): Promise<boolean> {
  if (messages.length === 0) return true;
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      await send(messages, AbortSignal.any([signal, AbortSignal.timeout(answerMs)]));
      return true;
    } catch (error) {
      log.warn({ err: error, messages: messages.length, tries }, 'messages not sent on');
      if (tries === maxTries) return false;
      await clock.sleep(Math.min(longestWaitMs, 500 * 2 ** tries), signal);
    }
  }
  return false;
}
