import { register } from 'node:module';
import { isDeadLink } from '../../../src/queue/dead-link.ts';
import { breaks } from '../breaks/breaks.ts';
import { currentProcess, watchProcesses } from '../world/process.ts';
import { startVirtualTime } from '../world/virtual-time.ts';

/** Runs the seeds that the parent sends, one after the other, and answers each with its result. */
export async function serveRuns(options: {
  verbose: boolean;
  only: readonly string[] | undefined;
  sweeps: boolean;
  /** The rule that is broken. */
  broken: string | undefined;
}): Promise<void> {
  const { verbose, broken } = options;
  if (broken !== undefined) breakRule(broken);
  const { families, sweeps = options.sweeps } = breaks[broken ?? ''] ?? {};
  const only = options.only ?? families;
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
    void simulate(seed, { verbose, only, sweeps }).then((result) => process.send?.(result));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

/** Before anything of the product is loaded. */
function breakRule(name: string): void {
  const data = breaks[name];
  if (!data) throw new Error(`there is no break "${name}": ${Object.keys(breaks).join('; ')}`);
  register(new URL('../breaks/hooks.js', import.meta.url), { data });
}
