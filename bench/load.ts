import { setTimeout as sleep } from 'node:timers/promises';
import type { Timings } from '../src/ops/timings.ts';
import type { Bench } from './support/bench.ts';
import { startChild, type Child } from './support/child.ts';
import { figure, type Result } from './support/result.ts';
import { startWorld, waitFor, type World } from './support/world.ts';

const sizes = { users: 100_000, groups: 5_000, memberships: 1_000_000, requestMs: 20, rounds: 1 };
type Sizes = typeof sizes;

/** Otherwise the product's own: with a short wait for replicas the people would be walked twice. */
const timings: Partial<Timings> = { drainMs: 0 };

/** The first load of a tenant. */
export const load: Bench<Sizes> = {
  does: 'the first load of a tenant, 20 ms per Graph request',
  sizes,
  smoke: { users: 300, groups: 30, memberships: 3_000 },
  async run(given, say) {
    const world = await startWorld(given);
    say('the company is founded');
    const alone = await startChild('drain', { env: world.env });
    try {
      const loads: Load[] = [];
      const halves: { drain: number; write: number }[] = [];
      for (let round = 0; round < given.rounds; round += 1) {
        loads.push(await measureLoad(world));
        say(`loaded in ${Math.round(loads.at(-1)?.ms ?? 0)} ms`);
        halves.push(await bothHalves(alone));
        say('both halves measured alone');
      }
      return report(loads, halves, await pagesWithKill(world), given);
    } finally {
      await alone.stop();
      await world.close();
    }
  },
};

interface Load {
  ms: number;
  /** Pages of people and groups that were read. */
  pages: number;
  memoryMiB: number;
  /** CPU time of each process. */
  cpuMs: { scheduler: number; graph: number; mongo: number };
}

async function measureLoad(world: World): Promise<Load> {
  await world.own.db.dropDatabase();
  const before = await world.requests();
  const [graph, mongo] = await Promise.all([world.graph.cpuMs(), world.mongo.cpuMs()]);
  const scheduler = await world.startRoles(['scheduler'], timings);
  let memoryMiB = 0;
  await waitFor('the load', async () => {
    memoryMiB = Math.max(memoryMiB, await scheduler.memoryMiB());
    return world.isLoaded();
  });
  const ms = Date.now() - (await world.loadBeganMs());
  const pages = (await world.requests()).list - before.list;
  const cpuMs = {
    scheduler: await scheduler.cpuMs(),
    graph: (await world.graph.cpuMs()) - graph,
    mongo: (await world.mongo.cpuMs()) - mongo,
  };
  await scheduler.stop();
  return { ms, pages, memoryMiB, cpuMs };
}

async function bothHalves(alone: Child<unknown>) {
  return { drain: await alone.call<number>('drain'), write: await alone.call<number>('write') };
}

/** Pages that a load reads whose process is killed half way and followed by another. */
async function pagesWithKill(world: World): Promise<number> {
  await world.own.db.dropDatabase();
  const before = (await world.requests()).list;
  const first = await world.startRoles(['scheduler'], { ...timings, leaseMs: 3_000 });
  await waitFor(
    'half of the people',
    async () => (await world.halfLoaded()) || (await world.isLoaded()),
    { everyMs: 5 },
  );
  await first.stop('SIGKILL');
  await sleep(100);
  const second = await world.startRoles(['scheduler'], timings);
  await waitFor('the load', () => world.isLoaded());
  const pages = (await world.requests()).list - before;
  await second.stop();
  return pages;
}

function report(
  loads: readonly Load[],
  halves: readonly { drain: number; write: number }[],
  killed: number,
  given: Sizes,
): Result {
  const times = loads.map(({ ms }) => ms);
  const drain = { name: 'draining the same pages', values: halves.map(({ drain: ms }) => ms) };
  const write = { name: 'writing the same documents', values: halves.map(({ write: ms }) => ms) };
  const slower = {
    name: 'the slower of the two',
    values: halves.map((half) => Math.max(half.drain, half.write)),
  };
  const whole = figure('load', 'ms', times, slower);
  const memory = Math.max(...loads.map(({ memoryMiB }) => memoryMiB));
  const pages = loads.at(-1)?.pages ?? NaN;
  return {
    figures: [
      whole,
      figure('load', 'ms', times, drain),
      figure('load', 'ms', times, write),
      ...(['scheduler', 'graph', 'mongo'] as const).map((name) =>
        figure(
          `CPU of the process of ${name} in a load`,
          'ms',
          loads.map(({ cpuMs }) => cpuMs[name]),
        ),
      ),
      figure('memory of the scheduler, at most', 'MiB', [memory]),
      figure('pages of people and groups of a load', 'pages', [pages]),
      figure('pages of a load that was killed half way', 'pages', [killed]),
    ],
    targets: [
      { name: 'load / the slower half', value: whole.baseline?.ratio ?? NaN, atMost: 1.4 },
      { name: 'memory of the scheduler, MiB', value: memory, atMost: 400 },
      { name: 'pages read twice because of kill -9', value: killed - pages, atMost: 2 },
    ],
    notes: [
      `${given.users} people, ${given.groups} groups.`,
      'The embedded MongoDB is a stand-in; its time is in both sides of the ratio.',
      'A kill costs the page that was being written, and the one that was read ahead.',
    ],
  };
}
