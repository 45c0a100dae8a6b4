import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` gives something truthy and returns it; fails with its last error or value. */
export async function until<T>(
  condition: () => T | Promise<T>,
  {
    timeoutMs = 60_000,
    everyMs = 10,
    what = '',
  }: { timeoutMs?: number; everyMs?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  } while (Date.now() < end);
  throw new Error(`waited ${timeoutMs} ms in vain ${what}`, { cause: last });
}
