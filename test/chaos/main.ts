import { parseArgs } from 'node:util';
import { crew, parts } from './kills/parts.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    again: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
    /** For so many seconds, with real processes. */
    kills: { type: 'string' },
    /** Only these families of faults, with commas between them. */
    only: { type: 'string' },
    /** Plays scenes with one rule of the product broken each. */
    breaks: { type: 'boolean', default: false },
    /** All are said by the parent: runs come as messages, or a local server or a role is wanted. */
    child: { type: 'boolean', default: false },
    serve: { type: 'string' },
    role: { type: 'string' },
  },
});
const { runs, jobs, again, verbose } = values;
const seed = Number(values.seed);
const only = values.only?.split(',');
const part = parts.find((one) => one === values.serve);
const role = crew.find((one) => one === values.role);

// Loaded where it is wanted: what a simulation loads has to find the timers replaced.
if (values.child) {
  const { serveRuns } = await import('./runs/serve-runs.ts');
  await serveRuns({ verbose, only });
} else if (part) {
  const { serve } = await import('./kills/serve.ts');
  await serve(part, seed);
} else if (role) {
  const { runRole } = await import('./kills/run-role.ts');
  await runRole(role);
} else if (values.kills !== undefined) {
  const { runKills } = await import('./kills/run-kills.ts');
  process.exitCode = await runKills({ seconds: Number(values.kills), seed, verbose });
} else if (values.breaks) {
  const { runBreaks } = await import('./breaks/run-breaks.ts');
  process.exitCode = await runBreaks();
} else {
  const { runAll } = await import('./runs/run-all.ts');
  const childOptions = process.argv.slice(2);
  process.exitCode = await runAll({
    ...{ runs: Number(runs), seed, jobs: Number(jobs), again: Number(again), childOptions },
  });
}
