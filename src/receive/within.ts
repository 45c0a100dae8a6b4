import type { Clock } from '../ops/clock.ts';

/** The promise's outcome, or `late` once `ms` have passed; the promise then goes on unheard. */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  clock: Clock,
): Promise<T | 'late'> {
  const settled = new AbortController();
  const late = clock.sleep(ms, settled.signal).then(() => 'late' as const);
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}
