import { isDeadLink } from '../../../src/queue/dead-link.ts';
import { currentProcess, watchProcesses } from '../world/process.ts';
import { startVirtualTime } from '../world/virtual-time.ts';

/** Runs the seeds that the parent sends, one after the other, and answers each with its result. */
export async function serveRuns(options: {
  verbose: boolean;
  only: readonly string[] | undefined;
}): Promise<void> {
  watchProcesses();
  startVirtualTime();
  // Only now, so that what is loaded finds the timers replaced.
  const { simulate } = await import('../simulation/simulate.ts');
  // What Node.js would do, to the process that let it happen.
  process.on('unhandledRejection', (error) => {
    if (isDeadLink(error)) return;
    const owner = currentProcess();
    if (!owner) throw error;
    owner.crash();
  });
  process.on('message', (seed: number) => {
    void simulate(seed, options).then((result) => process.send?.(result));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
