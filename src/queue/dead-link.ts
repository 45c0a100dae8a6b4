import type { Log } from '../ops/log.ts';

/**
 * Keeps the process alive where the SDK gives up a link. It closes one that does not drain in a timer of
 * its own; over a broken connection that fails, and nobody hears of it. Any other rejection that
 * nobody hears ends the process as ever.
 */
export function surviveDeadLinks(log: Log): void {
  process.on('unhandledRejection', (error) => {
    if (!isDeadLink(error)) throw error;
    log.warn({ err: error }, 'a link to the queue was given up; the next one is open');
  });
}

export const isDeadLink = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'OperationTimeoutError' &&
  error.message.startsWith('Unable to close the receiver');
