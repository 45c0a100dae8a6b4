import type { Clock } from '../ops/clock.ts';
import { LinkExpiredError, PermanentError, TenantError, ThrottledError } from '../ops/errors.ts';

const tries = 5;
const firstPauseMs = 500;

/** Repeats a call to Graph while it asks to wait, and a few times after trouble that may pass. */
export async function patiently<T>(
  clock: Clock,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      const throttled = error instanceof ThrottledError;
      if (!throttled) failures += 1;
      if (failures >= tries || isFinal(error)) throw error;
      await clock.sleep(throttled ? error.retryAfterMs : firstPauseMs * 2 ** failures, signal);
    }
  }
}

const isFinal = (error: unknown) =>
  error instanceof TenantError ||
  error instanceof PermanentError ||
  error instanceof LinkExpiredError;
