import { randomUUID } from 'node:crypto';
import { readConfig } from '../config.ts';
import { connect } from '../connect.ts';
import type { LocalStack } from '../local/stack.ts';
import { createLog, type Log } from '../ops/log.ts';
import { openAll } from '../ops/shutdown.ts';
import type { Difference } from '../proof/compare.ts';
import { compareScim } from '../proof/compare-scim.ts';
import { startRoles } from '../roles/start.ts';
import { postAdmin } from './admin-client.ts';

interface ScimDemoOptions {
  users: number;
  groups: number;
  changes: number;
  seed: number;
  json?: boolean;
}

interface CycleReport {
  requests: number;
  elapsedMs: number;
}

/** What the demo prints as JSON; times in milliseconds. */
interface ScimReport {
  users: number;
  groups: number;
  memberships: number;
  changes: Record<string, number>;
  initial: CycleReport;
  incremental: CycleReport;
  restore: CycleReport;
  /** The secret was exchanged in the middle of the incremental cycle, and the old one revoked. */
  rotated: boolean;
  differences: number;
  elapsedMs: number;
}

const showLimitMs = 90_000;

/**
 * Plays Entra's provisioning service against a stack of its own, in its two dialects; 0 where the
 * directory equals the tenant that was provisioned.
 */
export async function demoScim({ json = false, ...options }: ScimDemoOptions): Promise<number> {
  const log = createLog({ level: process.env['LOG_LEVEL'] ?? 'error' });
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const began = Date.now();
  const stage = await openStage(options, log);
  try {
    if (!(await stage.service.testConnection())) throw new Error('Test Connection failed.');
    say('Test Connection: an empty list, as Entra wants it');
    const initial = await cycle(stage);
    say(`initial cycle: ${inWords(initial)}`);
    const changes = makeChanges(stage, options.changes);
    stage.rotateAfter(20);
    const incremental = await cycle(stage);
    const rotated = await stage.revokeOld();
    say(`incremental cycle, with a rotation of the secret in it: ${inWords(incremental)}`);
    changes['restored'] = restoreAll(stage);
    const restore = await cycle(stage);
    say(`cycle after a restore: ${inWords(restore)}`);
    const differences = await shown(stage);
    const report = {
      ...(await counts(stage)),
      ...{ changes, initial, incremental, restore, rotated },
      ...{ differences: differences.length, elapsedMs: Date.now() - began },
    } satisfies ScimReport;
    process.stdout.write(`${json ? JSON.stringify(report) : summary(report, differences)}\n`);
    return differences.length === 0 && rotated ? 0 : 1;
  } finally {
    await stage.close();
  }
}

type Stage = Awaited<ReturnType<typeof openStage>>;

function openStage({ users, groups, seed }: ScimDemoOptions, log: Log) {
  const config = readConfig({
    ...{ MONGODB_URI: process.env['MONGODB_URI'], PORT: '0' },
    MONGODB_DATABASE: `entra_mirror_demo_${randomUUID().slice(0, 8)}`,
  });
  return openAll(log, async (closers) => {
    const company = { users, groups, seed };
    const connections = await connect(config, { log, company, inMemory: true });
    closers.add('connections', () => connections.close());
    closers.add('database', () => connections.db.dropDatabase());
    const running = await startRoles(['api'], connections);
    closers.add('roles', () => running.close());
    const { graph } = connections.local ?? {};
    if (!graph) throw new Error('The demo needs the local Graph: unset GRAPH_BASE_URL.');
    return { connections, graph, ...(await provisioning(running.url)) };
  });
}

/** The service with a connection of its own, whose secret can be exchanged while it is at work. */
async function provisioning(url: string) {
  const { createProvisioning } = await import('../local/provisioning/service.ts');
  const made = await postAdmin(url, '/connections', { name: 'Northwind', mode: 'scim' });
  let { secret } = made;
  let untilRotation = Infinity;
  let rotation: Promise<void> | undefined;
  const rotate = async () => {
    secret = (await postAdmin(url, `/connections/${made.id}/rotate`, {})).secret;
  };
  const service = createProvisioning({
    tenantUrl: made.tenantUrl,
    secret: () => {
      if (--untilRotation === 0) rotation = rotate();
      return secret;
    },
  });
  return {
    ...{ service, connectionId: made.id },
    rotateAfter: (requests: number) => {
      untilRotation = requests;
    },
    /** The old secret ends once nothing is under way with it. */
    async revokeOld(): Promise<boolean> {
      await rotation;
      const [old] = made.secrets;
      await postAdmin(url, `/connections/${made.id}/revoke`, { keyId: old?.keyId });
      return secret !== made.secret;
    },
  };
}

async function cycle({ service, graph }: Stage): Promise<CycleReport> {
  const [began, before] = [Date.now(), service.requests];
  await service.cycle(graph.directory.snapshot());
  return { requests: service.requests - before, elapsedMs: Date.now() - began };
}

/** Every kind at least once, then as the company goes. */
function makeChanges({ graph, connections }: Stage, wanted: number): Record<string, number> {
  const { directory } = graph;
  const begun = directory.sequence;
  const { users, groups, managers } = directory.snapshot();
  const person = (at: number) => users[at % users.length]?.id ?? '';
  const team = (at: number) => groups[at % groups.length]?.id ?? '';
  directory.updateUser(person(1), { jobTitle: 'Advisor', mobilePhone: null });
  directory.updateUser(person(2), { accountEnabled: false });
  directory.clearManager(managers[0]?.userId ?? person(3));
  directory.setManager(person(4), person(5));
  directory.deleteUser(person(6));
  directory.deleteUser(person(7));
  directory.purge(person(7));
  directory.createUser({ userPrincipalName: 'new.person@northwind.example', displayName: 'New' });
  directory.updateGroup(team(1), { displayName: 'Renamed' });
  directory.deleteGroup(team(2));
  directory.addMember(directory.createGroup({ displayName: 'Founded' }), person(8));
  while (directory.sequence < begun + wanted) changeOnce(connections.local);
  return countKinds(directory.history.filter(({ sequence }) => sequence > begun));
}

const changeOnce = (local: LocalStack | undefined) => local?.changeAtRandom(0);

function countKinds(events: readonly { kind: string }[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of events) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

function restoreAll({ graph: { directory } }: Stage): number {
  const deleted = directory.snapshot().users.filter(({ state }) => state === 'softDeleted');
  for (const { id } of deleted) directory.restore(id);
  return deleted.length;
}

/** Waits until the directory shows it all; what still differs at the limit. */
async function shown({ connections, connectionId, graph }: Stage): Promise<Difference[]> {
  const read = (name: string) => connections.db.collection(name).find({ tenantId: connectionId });
  const end = Date.now() + showLimitMs;
  for (;;) {
    const differences = await compareScim(graph.directory.snapshot(), read);
    if (differences.length === 0 || Date.now() > end) return differences;
    await connections.clock.sleep(250);
  }
}

async function counts({ connections: { mirror }, connectionId }: Stage) {
  const { users, groups, memberships } = await mirror.counts(connectionId);
  return { users: users.active, groups: groups.active, memberships: memberships.member };
}

const inWords = ({ requests, elapsedMs }: CycleReport) => `${requests} requests in ${elapsedMs} ms`;

function summary(report: ScimReport, differences: readonly Difference[]): string {
  const { users, groups, memberships, elapsedMs } = report;
  return [
    `shown in the directory: ${users} people, ${groups} groups, ${memberships} memberships`,
    `${report.differences} differences after ${elapsedMs} ms`,
    ...differences.slice(0, 20).map((one) => `  ${one.collection} ${one.id}: ${one.what}`),
  ].join('\n');
}
