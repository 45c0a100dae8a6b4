import { parseArgs } from 'node:util';
import { runAll } from './runs/run-all.ts';
import { serveRuns } from './runs/serve-runs.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
    /** Set by the parent: runs come as messages. */
    child: { type: 'boolean', default: false },
  },
});

if (values.child) {
  await serveRuns({ verbose: values.verbose });
} else {
  process.exitCode = await runAll({
    runs: Number(values.runs),
    seed: Number(values.seed),
    jobs: Number(values.jobs),
    verbose: values.verbose,
  });
}
