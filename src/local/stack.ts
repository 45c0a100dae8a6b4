import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { openAll } from '../ops/shutdown.ts';
import { createRandom } from './graph/random.ts';
import { startLocalGraph } from './graph/server.ts';
import { startLocalMongo } from './mongo/server.ts';
import { startLocalServiceBus } from './service-bus/server.ts';

export type LocalPart = 'graph' | 'serviceBus' | 'mongo';
interface LocalStackOptions {
  parts: readonly LocalPart[];
  queues: readonly string[];
  /** Where the servers keep their state; without it they forget all at the end. */
  dataDir?: string;
  users?: number;
  groups?: number;
  seed?: number;
  clock?: Clock;
}

/** Starts the named stand-ins on loopback, on free ports. */
export function startLocalStack(options: LocalStackOptions, log: Log) {
  const wants = (part: LocalPart) => options.parts.includes(part);
  return openAll(log, async (closers) => {
    const folder = folders(options.dataDir);
    const mongo = wants('mongo') ? await startLocalMongo(await folder('mongo')) : undefined;
    if (mongo) closers.add('local MongoDB', () => mongo.close());
    const serviceBus = wants('serviceBus')
      ? await startLocalServiceBus({
          ...(await folder('service-bus')),
          queues: options.queues.map(queueOf),
        })
      : undefined;
    if (serviceBus) closers.add('local Service Bus', () => serviceBus.close());
    const graph = wants('graph')
      ? await startLocalGraph({ ...(await folder('graph')), ...companyOf(options) })
      : undefined;
    if (graph) closers.add('local Graph', () => graph.close());
    const random = createRandom(options.seed ?? 1);
    const changeAtRandom = (restorable?: number) =>
      graph?.directory.randomChange(random, restorable);
    return { mongo, serviceBus, graph, changeAtRandom };
  });
}
export type LocalStack = Awaited<ReturnType<typeof startLocalStack>>;

function folders(dataDir: string | undefined) {
  return async (name: string): Promise<{ dataDir?: string }> => {
    if (dataDir === undefined) return {};
    const path = join(dataDir, name);
    await mkdir(path, { recursive: true });
    return { dataDir: path };
  };
}

/** A queue as infra's templates make it; the emulator allows less. */
const queueOf = (name: string) => ({
  name,
  lockMs: 5 * 60_000,
  maxDeliveryCount: 100,
  timeToLiveMs: 14 * 24 * 3_600_000,
  deadLetterOnExpiration: true,
});

const companyOf = ({ users = 1_000, groups = 100, seed = 1, clock }: LocalStackOptions) => ({
  users,
  groups,
  seed,
  ...(clock && { clock }),
});
