import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoClient, type CommandStartedEvent, type Document } from 'mongodb';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { createQueries } from '../../../src/read/queries.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

const tenantId = 'contoso';
let mongo: TestMongo;
let client: MongoClient;
let mirror: Mirror;
let queries: ReturnType<typeof createQueries>;
const started: CommandStartedEvent[] = [];

const user = (id: string, properties: Record<string, unknown>, managerId: string | null = null) =>
  ({ type: 'user', id, state: 'active', properties, managerId }) as const;
const group = (id: string) =>
  ({
    type: 'group',
    id,
    state: 'active',
    properties: { displayName: id },
    managerId: null,
  }) as const;
const member = (groupId: string, memberId: string) =>
  ({ groupId, kind: 'member', memberId, memberType: 'user', present: true }) as const;

beforeAll(async () => {
  mongo = await openTestMongo('queries');
  client = new MongoClient(mongo.uri, { monitorCommands: true });
  client.on('commandStarted', (event) => started.push(event));
  const db = client.db(mongo.db.databaseName);
  mirror = await openMirror({ db, log: silentLog, clock: systemClock });
  queries = createQueries(mirror.collections);

  const token = await mirror.drawToken(tenantId);
  const people = [
    user('ada', { userPrincipalName: 'Ada@Contoso.com', mail: 'ada.l@contoso.com' }),
    user('bob', { userPrincipalName: 'bob@contoso.com', mail: null }, 'ada'),
    { type: 'user', id: 'old', state: 'softDeleted' } as const,
  ];
  const groups = ['staff', 'team'].map(group);
  await mirror.applyObjects(tenantId, [...people, ...groups], { token, shape: 's' });
  const edges = [member('staff', 'ada'), member('staff', 'bob'), member('team', 'ada')];
  await mirror.applyEdges(tenantId, edges, token);
});
afterAll(async () => {
  await client.close();
  await mongo.close();
});

describe('the questions of readers', () => {
  it.each(['ada', 'ADA@contoso.com', 'Ada.L@Contoso.com'])('find a person as %s', async (name) => {
    expect((await queries.person(tenantId, name))?.id).toBe('ada');
  });

  it('find nobody who is gone or of another tenant', async () => {
    expect(await queries.person(tenantId, 'old')).toBeUndefined();
    expect(await queries.person('fabrikam', 'ada@contoso.com')).toBeUndefined();
  });

  it('list members of a group and groups of a person, page by page', async () => {
    const first = await queries.membersOf(tenantId, 'staff', { limit: 1 });
    const second = await queries.membersOf(tenantId, 'staff', { limit: 5, after: 'ada' });
    expect([...first, ...second].map(({ memberId }) => memberId)).toEqual(['ada', 'bob']);
    const groups = await queries.groupsOf(tenantId, 'ada', { limit: 5 });
    expect(groups.map(({ groupId }) => groupId)).toEqual(['staff', 'team']);
  });

  it('list what changed since an instant, tombstones too', async () => {
    const all = await queries.changedSince(tenantId, 'user', new Date(0), 10);
    expect(all.map(({ id }) => id)).toEqual(['ada', 'bob', 'old']);
    const later = new Date(Date.now() + 60_000);
    expect(await queries.changedSince(tenantId, 'user', later, 10)).toEqual([]);
  });
});

describe('the work lists', () => {
  it('name as suspects what a pass has not seen, in order and in pages', async () => {
    const pass = await mirror.drawToken(tenantId);
    await mirror.applyObjects(
      tenantId,
      [user('bob', { userPrincipalName: 'bob@contoso.com', mail: null }, 'ada')],
      { token: pass, shape: 's' },
    );
    expect(await mirror.suspects(tenantId, 'user', pass, { limit: 1 })).toEqual(['ada']);
    expect(await mirror.suspects(tenantId, 'user', pass, { after: 'ada', limit: 9 })).toEqual([
      'old',
    ]);
    expect(await mirror.activeGroups(tenantId, { limit: 9 })).toEqual(['staff', 'team']);
    expect(await mirror.reportsOf(tenantId, 'ada')).toEqual(['bob']);
  });

  it('count by state and kind', async () => {
    expect(await mirror.counts(tenantId)).toEqual({
      users: { active: 2, softDeleted: 1, purged: 0 },
      groups: { active: 2, softDeleted: 0, purged: 0 },
      memberships: { member: 3, owner: 0 },
    });
  });

  it('show edges due at once, again after the replication window, and then no more', async () => {
    const due = await mirror.edgesDue(tenantId, 0, 10);
    expect(due.map(({ id }) => id).sort()).toEqual(['ada', 'bob', 'old', 'staff', 'team']);
    for (const mark of due) await mirror.looked(tenantId, mark, mark.edgesDue);
    expect(await mirror.edgesDue(tenantId, 60_000, 10)).toEqual([]);
    const again = await mirror.edgesDue(tenantId, 0, 10);
    expect(again).toHaveLength(5);
    await mirror.markEdgesDue(tenantId, ['team']);
    for (const mark of again) await mirror.looked(tenantId, mark, mark.edgesDue);
    expect(await mirror.edgesDue(tenantId, 0, 10)).toMatchObject([{ type: 'group', id: 'team' }]);
  });
});

describe('every query of ours', () => {
  it('would be found out if it read a whole collection or sorted in memory', async () => {
    const scan = { find: 'users', filter: { displayName: 'Ada' } };
    expect(isIndexed(await stagesFor(scan))).toBe(false);
    const sort = { find: 'users', filter: { tenantId }, sort: { displayName: 1 } };
    expect(isIndexed(await stagesFor(sort))).toBe(false);
  });

  it('is answered from an index, sorted ones in its order', async () => {
    await askTheRest();
    const queriesSeen = started.flatMap(({ command }) => explainable(command));
    const plans = await Promise.all(
      queriesSeen.map(async (query) => ({ query, stages: await stagesFor(query) })),
    );
    expect(plans.length).toBeGreaterThan(20);
    expect(plans.filter(({ stages }) => !isIndexed(stages))).toEqual([]);
  });
});

/** What neither the preparation nor the tests above have asked. */
async function askTheRest(): Promise<void> {
  await mirror.liftCounter(tenantId);
  await mirror.enumerated(tenantId, 'staff', 'member', 2, 0, new Date(0));
  await mirror.endEdgesOfGroup(tenantId, 'team', await mirror.drawToken(tenantId));
  const begin = { link: 'l', token: 1, shape: 's', cause: 'first' };
  await mirror.beginPass(tenantId, 'user', begin, 1);
  await mirror.requestSweep(tenantId);
  await mirror.finishSweep(tenantId, 'user', { link: 'm', beganAt: await mirror.now() }, 1);
  const lease = await mirror.acquireLease('work', 'me', 60_000);
  await mirror.requestLease('work');
  await mirror.leaseWanted('work');
  await mirror.renewLease(lease!, 60_000);
  await mirror.releaseLease(lease!, 1);
  await mirror.beat('me', ['worker'], { counts: {}, lagMs: null });
  await mirror.heartbeats(60_000);
  await askHolds();
  await mirror.takeLosses(tenantId, 0);
  await mirror.tenants.connect(tenantId, {});
  await mirror.tenants.setPhase(tenantId, 'live');
  await mirror.tenants.find(tenantId);
}

async function askHolds(): Promise<void> {
  const strict = { least: 0, share: 0, smallGroup: 0 };
  const db = client.db(mongo.db.databaseName);
  const options = { db, log: silentLog, clock: systemClock, removalLimits: strict };
  const guarded = await openMirror(options);
  const token = await guarded.drawToken(tenantId);
  await guarded.applyObjects(tenantId, [{ type: 'user', id: 'ada', state: 'softDeleted' }], {
    token,
    shape: 's',
  });
  const [hold] = await guarded.holds.list(tenantId, ['open']);
  await guarded.holds.itemsOf(hold!._id, 10);
  await guarded.holds.decide(hold!._id, 'approved', 'person');
  await guarded.holds.unfinished(tenantId);
  for await (const page of guarded.holds.approveObjects(hold!._id, 1)) expect(page).toHaveLength(1);
  await guarded.holds.approveEdges(hold!._id);
  await guarded.holds.noteSent(hold!._id);
  await guarded.holds.keepItems(hold!._id);
  expect(await guarded.holds.finish(hold!._id)).toBe(true);
}

/** The commands that look for documents, each update of a batch as one of its own. */
function explainable(command: Document): Document[] {
  if ('find' in command) return [only(command, 'find', 'filter', 'sort', 'limit', 'projection')];
  if ('aggregate' in command) return [only(command, 'aggregate', 'pipeline', 'cursor')];
  if ('findAndModify' in command) return [only(command, 'findAndModify', 'query', 'update')];
  if (!('update' in command)) return [];
  const updates = command['updates'] as Document[];
  return updates.map((update) => ({ update: command['update'] as string, updates: [update] }));
}

const only = (command: Document, ...names: string[]): Document =>
  Object.fromEntries(names.flatMap((name) => (name in command ? [[name, command[name]]] : [])));

interface Stage {
  stage: string;
  inputStage?: Stage;
  inputStages?: Stage[];
}

async function stagesFor(query: Document): Promise<string[]> {
  const explained = await mongo.db.command({ explain: query, verbosity: 'queryPlanner' });
  const { winningPlan } = explained['queryPlanner'] as { winningPlan: Stage };
  return stagesOf(winningPlan);
}

function stagesOf({ stage, inputStage, inputStages = [] }: Stage): string[] {
  const inputs = inputStage ? [inputStage, ...inputStages] : inputStages;
  return [stage, ...inputs.flatMap(stagesOf)];
}

/** By `_id` or by an index, and never sorted in memory. */
function isIndexed(stages: string[]): boolean {
  const byIndex = ['IDHACK', 'IXSCAN', 'COUNT_SCAN', 'EXPRESS_IXSCAN', 'CLUSTERED_IXSCAN'];
  return (
    stages.some((stage) => byIndex.includes(stage)) &&
    !stages.some((stage) => stage === 'COLLSCAN' || stage === 'SORT')
  );
}
