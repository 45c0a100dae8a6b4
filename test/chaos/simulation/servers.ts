import { MongoClient, type Db } from 'mongodb';
import { noFaults, type Faults } from '../../../src/local/graph/faults.ts';
import { pick, type Random } from '../../../src/local/graph/random.ts';
import { startLocalGraph } from '../../../src/local/graph/server.ts';
import { startLocalMongo } from '../../../src/local/mongo/server.ts';
import { startLocalServiceBus } from '../../../src/local/service-bus/server.ts';
import type { Plan } from './plan.ts';
import type { Tally } from './trouble.ts';

export type Servers = Awaited<ReturnType<typeof startServers>>;

const queueName = 'directory-changes';
const database = 'entra_mirror';

/** Graph, Service Bus and MongoDB of one run, in memory, with what strikes there counted. */
export async function startServers(plan: Plan, seed: number, random: Random, tally: Tally) {
  const graph = await startLocalGraph({ ...plan.company, seed, faults: plan.graph });
  const mongo = await startLocalMongo();
  const bus = await startLocalServiceBus({
    queues: [{ name: queueName, deadLetterOnExpiration: true, ...plan.queue }],
  });
  const client = new MongoClient(mongo.uri, { monitorCommands: false });
  const db = client.db(database);
  const queue = bus.queue(queueName);
  countStrikes(graph.tenant, tally);
  return {
    ...{ graph, mongo, bus, db, queue },
    /** Settings of a process of the product. */
    env: {
      AZURE_TENANT_ID: graph.tenantId,
      GRAPH_BASE_URL: graph.url,
      MONGODB_URI: `${mongo.uri}&maxPoolSize=6&heartbeatFrequencyMS=30000`,
      MONGODB_DATABASE: database,
      SERVICEBUS_CONNECTION_STRING: bus.connectionString,
      SERVICEBUS_QUEUE: queueName,
      HOLD_ABOVE: String(plan.holdAbove),
    },
    /** The next upsert of a person finds that an older read of somebody was inserted just before. */
    insertBetween: () => {
      const id = pick(random, graph.directory.now().objects('user')).id;
      mongo.inject.insertBetween(`${database}.users`, olderRead(graph.tenantId, id));
    },
    unsubscribe: (announced: boolean): boolean => {
      const { subscriptions, notifier } = graph.tenant;
      const all = subscriptions.list();
      if (all.length === 0) return false;
      const { id } = pick(random, all);
      if (announced) notifier.sendLifecycle('subscriptionRemoved', id);
      subscriptions.remove(id);
      return true;
    },
    /** From now on all behave, and what they were asked to refuse is forgotten. */
    heal: () => {
      Object.assign(graph.faults, { ...noFaults(), ...lasting(graph.faults) });
      bus.inject.refuseSends(undefined);
      bus.inject.delaySends(0);
      bus.inject.resume();
      mongo.inject.resume();
    },
    close: async () => {
      await client.close();
      await Promise.all([graph.close(), bus.close(), mongo.close()]);
    },
  };
}

/** What is no fault but the way in which this Graph is. */
function lasting(faults: Faults): Partial<Faults> {
  const { membersOmitServicePrincipals, purgesSecurityGroups, deltaChangedOnly, deltaCopies } =
    faults;
  return { membersOmitServicePrincipals, purgesSecurityGroups, deltaChangedOnly, deltaCopies };
}

function olderRead(tenantId: string, id: string): Record<string, unknown> {
  const at = new Date(0);
  const mirror = { state: 'active', fence: 0, revision: 1, shape: '', contentHash: '' };
  return {
    ...{ _id: `${tenantId}/${id}`, tenantId, id, displayName: 'An older read' },
    mirror: { ...mirror, observedAt: at, changedAt: at, source: 'graph' },
  };
}

type Tenant = Awaited<ReturnType<typeof startLocalGraph>>['tenant'];

function countStrikes(tenant: Tenant, tally: Tally): void {
  const chance = tenant.chance.bind(tenant);
  tenant.chance = (name) => {
    const strikes = chance(name);
    if (strikes) tally.add(name.replace(/Rate$/, ''));
    return strikes;
  };
  const view = tenant.view.bind(tenant);
  tenant.view = () => {
    const shown = view();
    if (shown.sequence < tenant.directory.sequence) tally.add('lateReplica');
    return shown;
  };
}

export interface Stored {
  _id: string;
  [field: string]: unknown;
}

interface Checkpoint {
  _id: string;
  tenantId: string;
  pass?: { stage: string };
  sweptAt?: Date;
  passRequested?: string;
}

/** What tells whether a tenant is at rest. */
export async function readStored(db: Db, tenantId: string) {
  const of = { tenantId };
  const due = { ...of, 'mirror.edgesDue': { $exists: true } };
  const [checkpoints, lease, users, groups, holds] = await Promise.all([
    db.collection<Checkpoint>('checkpoints').find(of).toArray(),
    db.collection<Stored>('leases').findOne({ _id: `edges/${tenantId}` }),
    db.collection('users').countDocuments(due),
    db.collection('groups').countDocuments(due),
    db.collection('holds').countDocuments({ ...of, state: { $ne: 'open' }, finishedAt: null }),
  ]);
  return { checkpoints, lease, edgesDue: users + groups, holds };
}

/** Names of what the mirror keeps although the source has removed it, since a person rejected that. */
export async function readKept(db: Db, tenantId: string): Promise<Set<string>> {
  const kept = new Set<string>();
  for (const name of ['users', 'groups', 'memberships']) {
    const found = db.collection<Stored>(name).find({ tenantId, 'mirror.kept': { $exists: true } });
    for await (const { _id } of found) kept.add(`${name}/${_id.slice(tenantId.length + 1)}`);
  }
  return kept;
}
