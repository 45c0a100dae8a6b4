import { watchProcesses } from '../world/process.ts';
import { startVirtualTime } from '../world/virtual-time.ts';

/** Runs the seeds that the parent sends, one after the other, and answers each with its result. */
export async function serveRuns({ verbose }: { verbose: boolean }): Promise<void> {
  watchProcesses();
  startVirtualTime();
  // Only now, so that what is loaded finds the timers replaced.
  const { simulate } = await import('../simulation/simulate.ts');
  process.on('message', (seed: number) => {
    void simulate(seed, verbose).then((result) => process.send?.(result));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
