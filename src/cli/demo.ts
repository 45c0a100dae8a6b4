import { randomUUID } from 'node:crypto';
import { readConfig } from '../config.ts';
import { connect } from '../connect.ts';
import { propertyTable } from '../graph/properties.ts';
import { createLog, type Log } from '../ops/log.ts';
import { openAll } from '../ops/shutdown.ts';
import { defaultTimings, type Timings } from '../ops/timings.ts';
import { compare, type Difference } from '../proof/compare.ts';
import { roleNames, startRoles, type RoleName, type Running } from '../roles/start.ts';

interface DemoOptions {
  users: number;
  groups: number;
  changes: number;
  seed: number;
  json?: boolean;
}

/** What the demo prints as JSON: documents with their tombstones, present memberships, times in milliseconds. */
interface Report {
  users: number;
  groups: number;
  memberships: number;
  changes: number;
  notifications: number;
  graphRequests: number;
  differences: number;
  lagMs: { p50: number; p99: number } | null;
  elapsedMs: number;
}

/** How long the load of a demo may take. */
export const loadLimitMs = 120_000;
const quietLimitMs = 90_000;

/** Runs the whole flow once on a stack of its own; 0 where mirror and source are equal at the end. */
export async function demo({ json = false, ...options }: DemoOptions): Promise<number> {
  const log = createLog({ level: process.env['LOG_LEVEL'] ?? 'error' });
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const began = Date.now();
  const stage = await openStage(options, log);
  try {
    await until(loadLimitMs, async () => (await stage.running.status()).state === 'live');
    say(`loaded ${options.users} people and ${options.groups} groups in ${Date.now() - began} ms`);
    const changes = await makeChanges(stage, options.changes);
    say(`made ${changes} changes`);
    const differences = await settled(stage);
    const report = await reportOf(stage, { changes, differences, began });
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else process.stdout.write(`${inWords(report, differences)}\n`);
    return differences.length === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Local servers that forget all at the end; a queue and a database that are named may be real ones. */
export function openStage(
  { users, groups, seed }: Omit<DemoOptions, 'changes'>,
  log: Log,
  options: { roles?: readonly RoleName[]; timings?: Partial<Timings> } = {},
) {
  const { SERVICEBUS_CONNECTION_STRING, SERVICEBUS_QUEUE, MONGODB_URI } = process.env;
  const config = readConfig({
    ...{ SERVICEBUS_CONNECTION_STRING, SERVICEBUS_QUEUE, MONGODB_URI, PORT: '0' },
    MONGODB_DATABASE: `entra_mirror_demo_${randomUUID().slice(0, 8)}`,
    // A company that lives through years in seconds dismisses more people than an hour should see.
    HOLD_ABOVE_PERCENT: '100',
  });
  // The waits for late replicas are the same rules with shorter times: nothing lags here.
  const timings = {
    ...defaultTimings,
    replicationMs: 2_000,
    secondLookMs: 1_000,
    readerCheckMs: 500,
    roundGapMs: 200,
    ...options.timings,
  };
  return openAll(log, async (closers) => {
    const company = { users, groups, seed };
    const connections = await connect(config, { log, timings, company, inMemory: true });
    closers.add('connections', () => connections.close());
    closers.add('database', () => connections.db.dropDatabase());
    const running = await startRoles(options.roles ?? roleNames, connections);
    closers.add('roles', () => running.close());
    const graph = connections.local?.graph;
    if (!graph) throw new Error('The demo needs the local Graph: unset GRAPH_BASE_URL.');
    return { connections, running, graph };
  });
}

/** In two halves, each in bursts: the second one restores what the first one deleted. */
async function makeChanges(stage: Stage, wanted: number): Promise<number> {
  const { directory } = stage.graph;
  const before = directory.sequence;
  await changeUntil(stage, before + Math.ceil(wanted / 2), before);
  await settled(stage);
  await changeUntil(stage, before + wanted, directory.sequence);
  return directory.sequence - before;
}

async function changeUntil({ connections, graph }: Stage, end: number, restorable: number) {
  for (let made = 1; graph.directory.sequence < end; made++) {
    connections.local?.changeAtRandom(restorable);
    if (made % 10 === 0) await connections.clock.sleep(20);
  }
}

/** Waits until nothing is waiting and nothing differs; what still differs at the limit. */
export async function settled(stage: Stage): Promise<Difference[]> {
  let differences: Difference[] = [];
  await until(quietLimitMs, async () => {
    if (!(await isQuiet(stage.running))) return false;
    differences = await compareNow(stage);
    return differences.length === 0;
  }).catch(async () => {
    differences = await compareNow(stage);
  });
  return differences;
}

async function isQuiet({ status, worker }: Running): Promise<boolean> {
  const { queue } = await status();
  return queue?.waiting === 0 && worker?.stats.inHand === 0;
}

function compareNow({ graph, connections }: Stage): Promise<Difference[]> {
  const { db, tenantId } = connections;
  const read = (name: string) => db.collection(name).find({ tenantId });
  return compare(graph.directory.snapshot(), read, propertyTable());
}

async function reportOf(
  { running, graph }: Stage,
  { changes, differences, began }: { changes: number; differences: Difference[]; began: number },
): Promise<Report> {
  const { tenants, lagMs } = await running.status();
  const sum = (of: (tenant: (typeof tenants)[number]) => number) =>
    tenants.reduce((total, tenant) => total + of(tenant), 0);
  return {
    users: sum(({ users }) => all(users)),
    groups: sum(({ groups }) => all(groups)),
    memberships: sum(({ memberships }) => memberships.member),
    changes,
    notifications: running.receiver?.stats.queued ?? 0,
    graphRequests: graph.stats.requests,
    differences: differences.length,
    lagMs,
    elapsedMs: Date.now() - began,
  };
}

const all = (byState: Record<string, number>) =>
  Object.values(byState).reduce((total, count) => total + count, 0);

function inWords(report: Report, differences: readonly Difference[]): string {
  const lag = report.lagMs ? `p50 ${report.lagMs.p50} ms, p99 ${report.lagMs.p99} ms` : 'none';
  const shown = differences
    .slice(0, 20)
    .map(({ collection, id, what }) => `  ${collection} ${id}: ${what}`);
  return [
    `mirrored ${report.users} people, ${report.groups} groups, ${report.memberships} memberships`,
    `${report.notifications} notifications, ${report.graphRequests} Graph requests, lag ${lag}`,
    `${report.differences} differences after ${report.elapsedMs} ms`,
    ...shown,
  ].join('\n');
}

/** Waits for a condition. Throws at the limit. */
export async function until(limitMs: number, condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`This took longer than ${limitMs / 1_000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
