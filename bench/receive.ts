import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../src/config.ts';
import { connect } from '../src/connect.ts';
import { hashClientState } from '../src/receive/authenticity.ts';
import { silentLog } from '../src/ops/log.ts';
import type { Bench } from './support/bench.ts';
import { startChild, type Child } from './support/child.ts';
import { loadFor, type Load } from './support/http-load.ts';
import { newIds, postOf, type Addressee } from './support/notifications.ts';
import { figure, type Figure, type Result, type Target } from './support/result.ts';
import { median, ratios } from './support/statistics.ts';
import type { Roles } from './support/world.ts';

const sizes = {
  rounds: 5,
  ms: 2_000,
  connections: 20,
  most: 1_000,
  sampleMs: 5_500,
  soakSeconds: 300,
};
type Sizes = typeof sizes;

/** What a POST costs until its notifications are safe, against servers that keep nothing. */
export const receive: Bench<Sizes> = {
  does: 'POSTs of 1 to 1,000 notifications until the broker has them',
  sizes,
  smoke: { rounds: 1, ms: 300, most: 20, sampleMs: 1_100, soakSeconds: 1 },
  async run(given, say) {
    const stage = await openStage();
    try {
      const perPost = [1, 20, 100, 300, 1_000].filter((count) => count <= given.most);
      const measured: Measured[] = [];
      for (const count of perPost) {
        measured.push(await measure(stage, count, given));
        say(`${count} per POST`);
      }
      const soak = await soakMemory(stage, given);
      return report(measured, soak);
    } finally {
      await stage.close();
    }
  },
};

type Stage = Awaited<ReturnType<typeof openStage>>;
interface Web {
  url: string;
}

async function openStage() {
  const queue = 'directory-changes';
  const [bus, mongo] = await Promise.all([
    startChild<{ connectionString: string }>('service-bus', { forgetMs: 2_000 }),
    startChild<{ uri: string }>('mongo'),
  ]);
  const { connectionString } = bus.ready;
  const addressee: Addressee = {
    subscriptionId: randomUUID(),
    tenantId: randomUUID(),
    clientState: randomUUID(),
  };
  const env = {
    AZURE_TENANT_ID: addressee.tenantId,
    GRAPH_BASE_URL: 'http://127.0.0.1:9/v1.0',
    SERVICEBUS_CONNECTION_STRING: connectionString,
    MONGODB_URI: mongo.ready.uri,
    PORT: '0',
  };
  await subscribe(env, addressee);
  const [receiver, bare, node, sample, sdk] = await Promise.all([
    startChild<Web>('roles', { env, roles: ['receiver'] }),
    startChild<Web>('web', { kind: 'express' }),
    startChild<Web>('web', { kind: 'node' }),
    startChild<Web>('web', { kind: 'sample' }),
    startChild('sdk-sender', { connectionString, queue }),
  ]);
  return {
    ...{ receiver, bare, node, sample, sdk, addressee },
    async close() {
      for (const child of [receiver, bare, node, sample, sdk, bus, mongo]) await child.stop();
    },
  };
}

/** The receiver is to know the subscription, as if it had been created. */
async function subscribe(env: Record<string, string>, addressee: Addressee): Promise<void> {
  const { tenantId, subscriptionId: id, clientState } = addressee;
  const own = await connect(readConfig(env), { log: silentLog });
  const wanted = { resource: 'users', changeType: 'updated', notificationUrl: 'http://127.0.0.1/' };
  const record = await own.subscriptions.begin(
    tenantId,
    { ...wanted, lifecycleNotificationUrl: wanted.notificationUrl },
    hashClientState(clientState),
  );
  const expirationDateTime = new Date(Date.now() + 86_400_000).toISOString();
  await own.subscriptions.activate(record._id, { id, expirationDateTime, ...wanted });
  await own.close();
}

interface Measured {
  count: number;
  ours: Load[];
  express: Load[];
  node: Load[];
  sample: Load[];
  /** Notifications a second of the bare SDK. */
  sdk: number[];
}

async function measure(stage: Stage, count: number, { rounds, ms, connections, sampleMs }: Sizes) {
  const body = postOf(stage.addressee, newIds(count));
  const [one] = (JSON.parse(body) as { value: unknown[] }).value;
  const load = (server: Child<Web>, forMs: number) =>
    loadFor(`${server.ready.url}/notifications`, body, connections, forMs);
  await load(stage.receiver, Math.min(ms, 1_000));
  await load(stage.bare, Math.min(ms, 1_000));
  const measured: Measured = { count, ours: [], express: [], node: [], sample: [], sdk: [] };
  for (let round = 0; round < rounds; round += 1) {
    measured.express.push(await load(stage.bare, ms));
    measured.ours.push(await load(stage.receiver, ms));
    measured.node.push(await load(stage.node, ms / 2));
    if (count === 1) measured.sample.push(await load(stage.sample, sampleMs / 5));
    if (count === 100) {
      measured.sample.push(await load(stage.sample, sampleMs));
      measured.sdk.push(await stage.sdk.call<number>('send', { body: one, ms }));
    }
  }
  return measured;
}

/** Least and greatest memory after the first fifth of the time, in MiB. */
async function soakMemory(stage: Stage, { soakSeconds, connections }: Sizes): Promise<number[]> {
  const body = postOf(stage.addressee, newIds(20));
  const url = `${stage.receiver.ready.url}/notifications`;
  const under = loadFor(url, body, connections, soakSeconds * 1_000);
  const memory: number[] = [];
  const until = Date.now() + soakSeconds * 1_000;
  while (Date.now() < until) {
    await sleep(soakSeconds * 20);
    memory.push(await (stage.receiver as Roles).memoryMiB());
  }
  await under;
  return memory;
}

function report(measured: readonly Measured[], soak: readonly number[]): Result {
  const figures = measured.flatMap(figuresOf);
  const all = measured.flatMap(({ ours }) => ours);
  const refused = sum(
    all.map(({ statuses }) => sum(Object.values(statuses)) - (statuses['202'] ?? 0)),
  );
  const early = median(soak.slice(soak.length / 5, (soak.length * 2) / 5));
  const late = median(soak.slice(-soak.length / 5));
  figures.push(figure('memory of the receiver under load, at the end', 'MiB', [late]));
  const targets: Target[] = [
    ...measured.flatMap(targetsOf),
    { name: 'p99 of every size, ms', value: Math.max(...all.map(({ p99 }) => p99)), atMost: 250 },
    {
      name: 'slowest answer, ms',
      value: Math.max(...all.map(({ slowest }) => slowest)),
      atMost: 3_000,
    },
    { name: 'answers other than 202', value: refused, atMost: 0 },
    { name: 'memory at the end / in its second fifth', value: late / early, atMost: 1.15 },
  ];
  return {
    figures,
    targets,
    notes: ['The broker writes each message to the disk before it accepts it.'],
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const rates = (loads: readonly Load[]) => loads.map(({ perSecond }) => perSecond);

function figuresOf({ count, ours, express, node, sample, sdk }: Measured): Figure[] {
  const name = `${count} per POST`;
  const own = rates(ours);
  return [
    figure(name, 'POST/s', own, { name: 'bare Express', values: rates(express) }),
    figure(name, 'POST/s', own, { name: 'bare node:http', values: rates(node) }),
    ...(sample.length > 0
      ? [figure(name, 'POST/s', own, { name: 'a read per notification', values: rates(sample) })]
      : []),
    ...(sdk.length > 0
      ? [
          figure(
            name,
            'notifications/s',
            own.map((rate) => rate * count),
            { name: 'a message per notification', values: sdk },
          ),
        ]
      : []),
    figure(
      `${name}: p99 of the answer`,
      'ms',
      ours.map(({ p99 }) => p99),
    ),
  ];
}

function targetsOf({ count, ours, express, sample, sdk }: Measured): Target[] {
  const own = rates(ours);
  const against = (name: string, values: readonly number[], atLeast: number): Target => ({
    name: `${count} per POST / ${name}`,
    value: median(ratios(own, values)),
    atLeast,
  });
  if (count === 1) {
    return [
      against('bare Express', rates(express), 0.7),
      against('a read per notification', rates(sample), 15),
    ];
  }
  if (count !== 100) return [];
  return [
    against('bare Express', rates(express), 0.35),
    against(
      'a message per notification',
      sdk.map((rate) => rate / count),
      2,
    ),
    against('a read per notification', rates(sample), 500),
  ];
}
