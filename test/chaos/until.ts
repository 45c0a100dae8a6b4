import { setTimeout as sleep } from 'node:timers/promises';

const limitMs = 30_000;

/** Waits for a condition. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms in vain`);
    await sleep(10);
  }
}
