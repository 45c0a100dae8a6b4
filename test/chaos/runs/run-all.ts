import { fork, type ChildProcess } from 'node:child_process';
import type { Result } from '../simulation/simulate.ts';
import { describeResult, summarize } from './print.ts';

/** Far more than a run takes on a busy machine; a run that hangs is ended by it. */
const hangsAfterMs = 400_000;

/** Runs `runs` seeds from `seed` on, some at a time, and prints each; 1 where any did not converge. */
export async function runAll(options: {
  runs: number;
  seed: number;
  jobs: number;
  /** How often a failing run is lived through again, in a process of its own: sockets decide what comes first within an instant. */
  again: number;
  /** What the children are told besides. */
  childOptions: readonly string[];
}): Promise<0 | 1> {
  const { runs, seed, jobs, again, childOptions } = options;
  const seeds = Array.from({ length: runs }, (_, index) => seed + index).values();
  const results: Result[] = [];
  const work = async () => {
    let child = await startChild(childOptions);
    for (const one of seeds) {
      let result = await runOne(child, one);
      console.log(describeResult(result));
      for (let left = again; left > 0 && result.failure !== undefined; left -= 1) {
        if (child.connected) child.disconnect();
        child = await startChild(childOptions);
        result = await runOne(child, one);
        console.log(`again, ${describeResult(result)}`);
      }
      results.push(result);
      if (!child.connected) child = await startChild(childOptions);
    }
    if (child.connected) child.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, runs) }, work));
  console.log(summarize(results));
  return results.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

async function startChild(options: readonly string[]): Promise<ChildProcess> {
  const child = fork(process.argv[1] ?? '', [...options, '--child'], {
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`a child ended with ${code ?? 'a signal'}`)));
  });
  return child;
}

function runOne(child: ChildProcess, seed: number): Promise<Result> {
  const start = Date.now();
  return new Promise((resolve) => {
    const failed = (failure: string) =>
      end({
        seed,
        failure,
        changes: 0,
        faults: {},
        simulatedMs: 0,
        realMs: Date.now() - start,
        cpuMs: 0,
      });
    const onExit = (code: number | null) => failed(`its process ended with ${code ?? 'a signal'}`);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.disconnect();
      failed(`it hung for ${hangsAfterMs} ms`);
    }, hangsAfterMs);
    const end = (result: Result) => {
      clearTimeout(timer);
      child.off('message', end);
      child.off('exit', onExit);
      resolve(result);
    };
    child.on('message', end);
    child.on('exit', onExit);
    child.send(seed);
  });
}
