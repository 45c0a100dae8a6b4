import type { Log } from './log.ts';

/** Things to close, the last opened first. */
export interface Closers {
  add: (name: string, close: () => unknown) => void;
  /** Closes all; each failure is logged and the rest goes on. Twice is harmless. */
  close(): Promise<void>;
}

function createClosers(log: Log): Closers {
  const stack: { name: string; close: () => unknown }[] = [];
  return {
    add: (name, close) => stack.push({ name, close }),
    async close() {
      for (let next = stack.pop(); next; next = stack.pop()) {
        try {
          await next.close();
        } catch (error) {
          log.warn({ err: error, part: next.name }, 'did not close cleanly');
        }
      }
    },
  };
}

/** Runs `open` and closes what it had opened where it fails half-way. */
export async function openAll<T>(
  log: Log,
  open: (closers: Closers) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const closers = createClosers(log);
  try {
    return { ...(await open(closers)), close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process with code 1. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let seen = false;
    const on = (signal: string) => {
      if (seen) process.exit(1);
      seen = true;
      resolve(signal);
    };
    process.on('SIGTERM', () => on('SIGTERM'));
    process.on('SIGINT', () => on('SIGINT'));
  });
}
