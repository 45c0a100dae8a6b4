import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { Bench } from './support/bench.ts';
import { startChild, type Child } from './support/child.ts';
import { exchange, openSocket, statusOf } from './support/http-load.ts';
import { figure, type Result } from './support/result.ts';
import { quantile } from './support/statistics.ts';
import { waitFor } from './support/world.ts';

const sizes = { rounds: 5, ms: 3_000, connections: 24, entra: 25, times: 20 };
type Sizes = typeof sizes;

/** The role api, as it takes what Entra's provisioning service sends. */
export const scim: Bench<Sizes> = {
  does: "requests of Entra's provisioning service at its own rate, at 20 times that, and as many as are taken",
  sizes,
  smoke: { rounds: 1, ms: 300 },
  async run(given, say) {
    const stage = await openStage();
    try {
      const { entra, times, ms, connections } = given;
      await load(stage, { ms: Math.min(ms, 1_000), connections });
      const rounds: Round[] = [];
      for (let round = 0; round < given.rounds; round += 1) {
        const slow = await load(stage, { ms, connections: 8, perSecond: entra });
        const fast = await load(stage, { ms, connections: 64, perSecond: entra * times });
        const most = await measured(stage, () => load(stage, { ms, connections }));
        rounds.push({ slow, fast, most, shownMs: await shown(stage) });
        say(`round ${round + 1}`);
      }
      return report(rounds, stage, given);
    } finally {
      await stage.close();
    }
  },
};

interface Round {
  slow: Load;
  fast: Load;
  most: Load & { apiMs: number; mongoMs: number };
  /** From the last answer until the directory shows all of it. */
  shownMs: number;
}

type Stage = Awaited<ReturnType<typeof openStage>>;
const database = 'bench_scim';

async function openStage() {
  const mongo = await startChild<{ uri: string }>('mongo');
  const env = {
    AZURE_TENANT_ID: randomUUID(),
    GRAPH_BASE_URL: 'http://127.0.0.1:9/v1.0',
    SERVICEBUS_CONNECTION_STRING:
      'Endpoint=sb://127.0.0.1:9;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true',
    MONGODB_URI: mongo.ready.uri,
    MONGODB_DATABASE: database,
    PORT: '0',
  };
  const api = await startChild<{ url: string }>('roles', { env, roles: ['api'] });
  const client = new MongoClient(mongo.ready.uri);
  const made = await fetch(`${api.ready.url}/admin/connections`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', mode: 'scim' }),
  });
  const { id, secret } = (await made.json()) as { id: string; secret: string };
  const requestOf = requestsOf(new URL(api.ready.url).host, `/scim/v2/${id}`, secret);
  const socket = await openSocket(api.ready.url);
  const group = bodyOf(
    await exchange(socket, requestOf('POST', '/Groups', { displayName: 'All' })),
  );
  socket.destroy();
  return {
    ...{ api, mongo, client, requestOf, group: String(group['id']) },
    people: [] as string[],
    members: new Set<string>(),
    async close() {
      await client.close();
      await api.stop();
      await mongo.stop();
    },
  };
}

const requestsOf = (host: string, base: string, secret: string) => {
  const head = `Host: ${host}\r\nAuthorization: Bearer ${secret}\r\nContent-Type: application/scim+json\r\n`;
  return (method: string, path: string, body?: unknown): Buffer => {
    const sent = body === undefined ? '' : JSON.stringify(body);
    const length = `Content-Length: ${Buffer.byteLength(sent)}\r\n\r\n`;
    return Buffer.from(`${method} ${base}${path} HTTP/1.1\r\n${head}${length}${sent}`);
  };
};

const bodyOf = (answer: string) =>
  JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>;

interface Load {
  perSecond: number;
  p95: number;
  requests: number;
  failed: number;
}

/**
 * A cycle's requests for `ms`. With `perSecond` each is sent at its time and timed from then on, whatever
 * the answers before it took; without, each connection sends as soon as it has its answer.
 */
async function load(
  stage: Stage,
  { ms, connections, perSecond }: { ms: number; connections: number; perSecond?: number },
): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  let turn = 0;
  const began = performance.now();
  const lane = async () => {
    const socket = await openSocket(stage.api.ready.url);
    for (;;) {
      const mine = turn++;
      const dueAt = perSecond ? began + (mine * 1_000) / perSecond : performance.now();
      if (dueAt - began >= ms) break;
      if (dueAt > performance.now()) await sleep(dueAt - performance.now());
      if (!(await request(stage, mine, (sent) => exchange(socket, sent)))) failed += 1;
      times.push(performance.now() - dueAt);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const requests = times.length;
  return {
    ...{ requests, failed, p95: quantile(times, 0.95) },
    perSecond: (requests * 1_000) / (performance.now() - began),
  };
}

/** What a cycle is made of, in turn: create, match, change, add to a group; true where it was done. */
async function request(
  { requestOf, people, members, group }: Stage,
  turn: number,
  send: (sent: Buffer) => Promise<string>,
): Promise<boolean> {
  const known = people[Math.floor(Math.random() * people.length)];
  const name = randomUUID();
  if (turn % 4 === 0 || known === undefined) {
    const person = { userName: name, externalId: name, active: true, displayName: name };
    const made = await send(requestOf('POST', '/Users', person));
    if (statusOf(made) !== '201') return false;
    people.push(String(bodyOf(made)['id']));
    return true;
  }
  if (turn % 4 === 1) {
    const filter = encodeURIComponent(`userName eq "${name}"`);
    return statusOf(await send(requestOf('GET', `/Users?filter=${filter}`))) === '200';
  }
  const change = { op: 'Replace', path: 'displayName', value: name };
  const add = { op: 'Add', path: 'members', value: [{ value: known }] };
  const isAdd = turn % 4 === 3;
  const path = isAdd ? `/Groups/${group}` : `/Users/${known}`;
  const answer = await send(requestOf('PATCH', path, { Operations: [isAdd ? add : change] }));
  if (isAdd) members.add(known);
  return /^20[04]$/.test(statusOf(answer));
}

/** With what each request cost the two processes, in milliseconds of a core. */
async function measured({ api, mongo }: Stage, run: () => Promise<Load>) {
  const cpu = (child: Child<unknown>) => child.call<number>('cpuMs');
  const [apiBefore, mongoBefore] = [await cpu(api), await cpu(mongo)];
  const done = await run();
  return {
    ...done,
    apiMs: ((await cpu(api)) - apiBefore) / done.requests,
    mongoMs: ((await cpu(mongo)) - mongoBefore) / done.requests,
  };
}

/** Resolves once every person and every membership is in the directory; in milliseconds. */
async function shown({ client, people, members }: Stage): Promise<number> {
  const began = performance.now();
  const db = client.db(database);
  await waitFor(
    'the directory to show all',
    async () =>
      (await db.collection('scimUsers').countDocuments({ due: true })) === 0 &&
      (await db.collection('users').countDocuments({})) === people.length &&
      (await db.collection('memberships').countDocuments({ present: true })) === members.size,
    { everyMs: 20, limitMs: 60_000 },
  );
  return performance.now() - began;
}

function report(rounds: readonly Round[], stage: Stage, { entra, times }: Sizes): Result {
  const of = (pick: (round: Round) => number) => rounds.map(pick);
  const all = rounds.flatMap(({ slow, fast, most }) => [slow, fast, most]);
  const most = figure(
    'as many as are taken',
    'requests/s',
    of((round) => round.most.perSecond),
  );
  const slow = figure(
    `${entra} a second: p95`,
    'ms',
    of((round) => round.slow.p95),
  );
  const floor = entra * times;
  const fast = figure(
    `${floor} a second: p95`,
    'ms',
    of((round) => round.fast.p95),
  );
  return {
    figures: [
      most,
      figure(
        'as many as are taken: p95',
        'ms',
        of((round) => round.most.p95),
      ),
      ...[slow, fast],
      figure(
        'a request, in the process of the api',
        'ms of a core',
        of((round) => round.most.apiMs),
      ),
      figure(
        "a request, in MongoDB's stand-in",
        'ms of a core',
        of((round) => round.most.mongoMs),
      ),
      figure(
        'the directory shows all, after the last answer',
        'ms',
        of((round) => round.shownMs),
      ),
    ],
    targets: [
      { name: 'requests a second', value: most.value, atLeast: floor },
      { name: `p95 at ${entra} requests a second, ms`, value: slow.value, atMost: 50 },
      { name: `p95 at ${floor} requests a second, ms`, value: fast.value, atMost: 50 },
      {
        name: 'answers that failed',
        value: all.reduce((sum, { failed }) => sum + failed, 0),
        atMost: 0,
      },
    ],
    notes: [
      `A quarter each: create a person, look for one, change one, add one to a group; ${stage.people.length} people at the end, all members of the same group.`,
      "The costs of a core count what follows the answer too: showing it in the directory. The role, MongoDB's stand-in and the client share this machine.",
    ],
  };
}
