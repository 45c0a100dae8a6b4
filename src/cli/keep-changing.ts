import type { Clock } from '../ops/clock.ts';
import type { Running } from '../roles/start.ts';

/** Changes made so far in the simulated tenant. */
export interface Changes {
  readonly made: number;
  close(): Promise<void>;
}

/** Makes `rate` changes a second once the mirror is live. */
export function keepChanging({
  clock,
  change,
  rate,
  running,
}: {
  clock: Clock;
  /** Makes one. */
  change: () => unknown;
  rate: number;
  running: Running;
}): Changes {
  const closing = new AbortController();
  const { signal } = closing;
  let made = 0;
  const run = (async () => {
    while (!signal.aborted && !(await isLive(running))) await clock.sleep(500, signal);
    while (!signal.aborted && rate > 0) {
      change();
      made += 1;
      await clock.sleep(1_000 / rate, signal);
    }
  })();
  return {
    get made() {
      return made;
    },
    async close() {
      closing.abort();
      await run;
    },
  };
}

async function isLive(running: Running): Promise<boolean> {
  const status = await running.status().catch(() => undefined);
  return status?.state === 'live';
}
