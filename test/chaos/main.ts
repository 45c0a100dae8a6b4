import { parseArgs } from 'node:util';
import { parts } from './kills/parts.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
    /** For so many seconds, with real processes. */
    kills: { type: 'string' },
    /** Only these families of faults, with commas between them. */
    only: { type: 'string' },
    /** Notifications have to do without sweeps. */
    'no-sweeps': { type: 'boolean', default: false },
    /** Breaks a rule of the product; the runs end with the first that fails. */
    break: { type: 'string' },
    /** Both are said by the parent: runs come as messages, or a local server is wanted. */
    child: { type: 'boolean', default: false },
    serve: { type: 'string' },
  },
});
const { runs, jobs, verbose } = values;
const seed = Number(values.seed);
const only = values.only?.split(',');
const part = parts.find((one) => one === values.serve);

// Loaded where it is wanted: what a simulation loads has to find the timers replaced.
if (values.child) {
  const { serveRuns } = await import('./runs/serve-runs.ts');
  await serveRuns({ verbose, only, sweeps: !values['no-sweeps'], broken: values.break });
} else if (part) {
  const { serve } = await import('./kills/serve.ts');
  await serve(part, seed);
} else if (values.kills !== undefined) {
  const { runKills } = await import('./kills/run-kills.ts');
  process.exitCode = await runKills({ seconds: Number(values.kills), seed, verbose });
} else {
  const { runAll } = await import('./runs/run-all.ts');
  const stopsAtFailure = values.break !== undefined;
  const childOptions = process.argv.slice(2);
  process.exitCode = await runAll({
    ...{ runs: Number(runs), seed, jobs: Number(jobs), stopsAtFailure, childOptions },
  });
}
