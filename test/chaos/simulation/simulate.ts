import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { readConfig } from '../../../src/config.ts';
import { propertyTable } from '../../../src/graph/properties.ts';
import {
  createRandom,
  drawUuid,
  mixSeeds,
  pick,
  type Random,
} from '../../../src/local/graph/random.ts';
import { createLog } from '../../../src/ops/log.ts';
import { defaultTimings, type Timings } from '../../../src/ops/timings.ts';
import { compare, type Difference } from '../../../src/proof/compare.ts';
import { freePort } from '../free-port.ts';
import { machineNow, sleep, worldNow } from '../world/virtual-time.ts';
import { Crew } from './crew.ts';
import { Operator } from './operator.ts';
import { drawPlan, type Plan } from './plan.ts';
import { readKept, readStored, startServers, type Servers, type Stored } from './servers.ts';
import { carryOut, Tally } from './trouble.ts';

export interface Result {
  seed: number;
  /** Why it did not converge. */
  failure?: string;
  changes: number;
  faults: Record<string, number>;
  /** Simulated time until mirror and source were equal. */
  simulatedMs: number;
  realMs: number;
  cpuMs: number;
}

const second = 1_000;
const minute = 60 * second;

/** The rules' times, shorter where they only say how late replicas may be; their order is kept. */
const timings: Timings = {
  ...defaultTimings,
  replicationMs: 24 * second,
  staleReadMs: 10 * second,
  sweepEveryMs: 30 * second,
  readerCheckMs: 15 * second,
  quotaCheckMs: 5 * second,
  passMaxMs: 60 * minute,
  linkKeepMs: 60 * minute,
  linkSpacingMs: 12 * second,
};
/** No run takes longer, in simulated time and in work. */
const settleWithinMs = 4 * 60 * minute;
const cpuBoundMs = 90 * second;

interface SimulationOptions {
  verbose: boolean;
  /** Only these families of faults. */
  only: readonly string[] | undefined;
}

/** Draws a plan from the seed, lives through it, lets things calm down and compares. */
export async function simulate(
  seed: number,
  { verbose, only }: SimulationOptions,
): Promise<Result> {
  const realStart = machineNow();
  const cpuStart = process.cpuUsage();
  const start = worldNow();
  const random = createRandom(mixSeeds(seed, 77));
  replaceChance(seed);
  const plan = drawPlan(random, only);
  const tally = new Tally();
  const servers = await startServers(plan, seed, random, tally);
  const log = createLog({ level: verbose ? 'info' : 'silent' });
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const config = (isReceiver: boolean) =>
    readConfig({ ...servers.env, PUBLIC_URL: publicUrl, PORT: isReceiver ? String(port) : '0' });
  const surroundings = { log, timings };
  const crew = new Crew(plan.crew, { config, ...surroundings });
  const operator = new Operator(config(false), surroundings);
  let failure: string | undefined;
  try {
    await live(plan, { servers, crew, operator, tally, random });
    crew.heal();
    servers.heal();
    failure = await converge({ servers, operator, random }, cpuStart, verbose);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    crew.end();
    operator.end();
    await sleep(1);
    await servers.close();
  }
  tally.add('lostNotification', servers.graph.stats.lostNotifications);
  return {
    seed,
    ...(failure !== undefined && { failure }),
    changes: servers.graph.directory.sequence,
    faults: tally.toJSON(),
    simulatedMs: worldNow() - start,
    realMs: machineNow() - realStart,
    cpuMs: cpuSince(cpuStart),
  };
}

/** What the product and its SDKs leave to chance is drawn from the seed too. */
function replaceChance(seed: number): void {
  Math.random = createRandom(mixSeeds(seed, 78));
  const randomUuid = createRandom(mixSeeds(seed, 79));
  Object.assign(crypto, { randomUUID: () => drawUuid(randomUuid) });
  syncBuiltinESMExports();
}

async function live(plan: Plan, scene: Parameters<typeof carryOut>[1]): Promise<void> {
  const start = worldNow();
  for (const step of plan.steps) {
    await sleep(start + step.atMs - worldNow());
    carryOut(step, scene);
  }
  await sleep(start + plan.activeMs - worldNow());
}

/** Once all is at rest the mirror has to be equal, and the product's own audit has to say so. */
async function converge(
  { servers, operator, random }: { servers: Servers; operator: Operator; random: Random },
  cpuStart: NodeJS.CpuUsage,
  verbose: boolean,
): Promise<string | undefined> {
  const quietAt = worldNow();
  do {
    const unsettled = await rest(servers, cpuStart, verbose);
    if (unsettled !== undefined) return unsettled;
  } while ((await operator.decide(() => pick(random, ['approved', 'rejected'] as const))) > 0);
  const differences = await differencesNow(servers);
  if (verbose) await explain(differences, servers, quietAt);
  const { listed, unread } = await operator.audit({ repair: false });
  if (differences.length + listed.length + unread === 0) return undefined;
  const first = JSON.stringify([...differences, ...listed].slice(0, 5));
  return `${differences.length} differences, the audit found ${listed.length} (unread ${unread}): ${first}`;
}

/** Waits for one sweep from now on and the work that it makes; gives what goes on for too long. */
async function rest(
  servers: Servers,
  cpuStart: NodeJS.CpuUsage,
  verbose: boolean,
): Promise<string | undefined> {
  const begin = worldNow();
  const sweptFrom = begin + timings.replicationMs;
  for (;;) {
    await sleep(10 * second);
    const unsettled = await whatGoesOn(servers, sweptFrom);
    if (unsettled === undefined) return undefined;
    if (verbose) console.log(`${new Date(worldNow()).toISOString()} ${unsettled}`);
    if (cpuSince(cpuStart) > cpuBoundMs) return `no rest after much work: ${unsettled}`;
    if (worldNow() > begin + settleWithinMs) return `no rest: ${unsettled}`;
  }
}

/** What a person wanted to be kept is no difference. */
async function differencesNow({ graph, db }: Servers): Promise<Difference[]> {
  const { tenantId } = graph;
  const read = (name: string) => db.collection(name).find({ tenantId });
  const all = await compare(graph.directory.snapshot(), read, propertyTable());
  const kept = await readKept(db, tenantId);
  return all.filter(({ collection, id }) => !kept.has(`${collection}/${id}`));
}

/** What is stored of each object that differs, and what happened to it. */
async function explain(
  differences: readonly Difference[],
  { db, graph }: Servers,
  quietAt: number,
) {
  const iso = (at: number) => new Date(at).toISOString();
  console.log(`quiet from ${iso(quietAt)}`);
  for (const { collection, id, what } of differences.slice(0, 5)) {
    const ids = id.split('/');
    const _id = `${graph.tenantId}/${id}`;
    const stored = await db.collection<Stored>(collection).findOne({ _id });
    console.log(`${collection} ${id}: ${what}; stored ${JSON.stringify(stored?.['mirror'])}`);
    for (const event of graph.directory.history) {
      if (!ids.includes(event.id) && !('edge' in event && ids.includes(event.edge.memberId)))
        continue;
      console.log(`  ${iso(event.at)} ${JSON.stringify({ ...event, at: undefined })}`);
    }
  }
}

async function whatGoesOn({ graph, db, queue }: Servers, sweptFrom: number) {
  const { settledUpTo } = graph.tenant.notifier;
  if (settledUpTo < graph.directory.sequence) return `notified up to ${settledUpTo}`;
  const { active, scheduled, locked } = queue.counts;
  if (active + scheduled + locked > 0) return `${active}+${scheduled}+${locked} messages queued`;
  const { checkpoints, lease, edgesDue, holds } = await readStored(db, graph.tenantId);
  if (checkpoints.length < 2) return 'nothing loaded';
  for (const { _id, pass, sweptAt, passRequested } of checkpoints) {
    if (pass?.stage !== 'done' || passRequested) return `${_id}: a pass goes on`;
    if (!sweptAt || sweptAt.getTime() < sweptFrom) return `${_id}: not swept`;
  }
  if (holds > 0) return `${holds} decided holds are not carried out`;
  if (edgesDue > 0) return `edges of ${edgesDue} objects are due`;
  if (lease && lease['requested'] !== lease['served']) return 'members are asked for';
  return undefined;
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}
