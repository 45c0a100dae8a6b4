import type { Command } from 'commander';
import { SingleBar } from 'cli-progress';
import type { Connections } from '../connect.ts';
import type { Checkpoint } from '../mirror/types.ts';
import { withConnections } from './connected.ts';
import { print } from './output.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

/** Adds `sweep` and `load`, which the scheduler carries out. */
export function addSweep(program: Command, env: NodeJS.ProcessEnv): void {
  waiting(program.command('sweep'))
    .description('have the delta walked now: what no notification announced comes to light')
    .action((options: Options) =>
      withConnections(env, async (connections) => {
        const { mirror, tenantId } = connections;
        const since = await mirror.now();
        await mirror.requestSweep(tenantId);
        const isDone = ({ sweptAt }: Checkpoint) => sweptAt !== undefined && sweptAt > since;
        await report(connections, 'sweep', isDone, options);
      }),
    );

  waiting(program.command('load'))
    .description('have everything read again; the mirror stays in use meanwhile')
    .action((options: Options) =>
      withConnections(env, async (connections) => {
        const { mirror, tenantId } = connections;
        const since = await mirror.now();
        for (const type of types) await mirror.requestPass(tenantId, type, 'requested');
        const isDone = ({ pass }: Checkpoint) =>
          pass !== undefined && pass.startedAt > since && pass.walks > 0;
        await report(connections, 'load', isDone, options);
      }),
    );
}

const types = ['user', 'group'] as const;
const lookEveryMs = 500;

const waiting = (command: Command): Command =>
  command
    .option('--wait', 'return when it is finished')
    .option('--timeout <seconds>', 'wait at most so long', wholeNumber, 3_600)
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nExample:\n  entra-mirror ${command.name()} --wait`);

type IsDone = (checkpoint: Checkpoint) => boolean;

async function report(
  connections: Connections,
  what: string,
  isDone: IsDone,
  { wait, timeout, json }: Options,
): Promise<void> {
  if (!wait) {
    print(json, { requested: what }, () => `${what} requested: a scheduler begins it in seconds`);
    return;
  }
  const elapsedMs = await finished(connections, what, isDone, timeout * 1_000);
  print(json, { finished: what, elapsedMs }, () => `${what} finished after ${elapsedMs} ms`);
}

/** Waits until users and groups are done, with a bar on a terminal. */
async function finished(
  { mirror, tenantId, clock }: Connections,
  what: string,
  isDone: IsDone,
  limitMs: number,
): Promise<number> {
  const beganMs = clock.now();
  const { users, groups } = await mirror.counts(tenantId);
  const bar = new SingleBar({ format: `${what} [{bar}] {value}/{total}`, clearOnComplete: true });
  if (process.stderr.isTTY) bar.start(users.active + groups.active, 0);
  try {
    for (;;) {
      const found = await Promise.all(types.map((type) => mirror.checkpoint(tenantId, type)));
      if (found.every((checkpoint) => checkpoint && isDone(checkpoint)))
        return clock.now() - beganMs;
      if (clock.now() - beganMs > limitMs)
        throw new Error(`The ${what} is not finished yet: it goes on. Does a scheduler run?`);
      const objects = found.map((checkpoint) => checkpoint?.pass?.objects ?? 0);
      bar.update(objects.reduce((sum, count) => sum + count, 0));
      await clock.sleep(lookEveryMs);
    }
  } finally {
    bar.stop();
  }
}
