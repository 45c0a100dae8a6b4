import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { propertyTable } from '../../../src/graph/properties.ts';
import { createRandom, pick } from '../../../src/local/graph/random.ts';
import { compare, type Difference, type Source } from '../../../src/proof/compare.ts';
import { freePort } from '../free-port.ts';
import { crew, parts, type Part } from './parts.ts';
import { RoleProcess } from './role-process.ts';

const database = 'entra_mirror';
const equalWithinMs = 240_000;

/**
 * Runs the roles as processes under load and kills them at random moments for `seconds`; the
 * servers live on. Then the mirror has to become equal. 1 where it does not.
 */
export async function runKills({
  seconds,
  seed,
  verbose,
}: {
  seconds: number;
  seed: number;
  /** The roles say what they do. */
  verbose: boolean;
}): Promise<0 | 1> {
  const servers = await startServers(seed);
  const roles = await startRoles({ ...servers.env, LOG_LEVEL: verbose ? 'info' : 'silent' });
  const random = createRandom(seed);
  try {
    await untilEqual(servers.env, 'the load');
    await untilSubscribed(servers.env);
    const changes = await killUnderLoad(servers.env, roles, random, seconds);
    const tookMs = await untilEqual(servers.env, 'the kills');
    const kills = roles.map(({ role, kills: count }) => `${role} ${count}`).join(', ');
    const took = `equal ${(tookMs / 1_000).toFixed(1)} s after the last kill`;
    console.log(`killed ${kills}; ${changes} changes; nothing acknowledged is missing: ${took}`);
    return 0;
  } catch (error) {
    console.log(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    console.log(`  repeat it: npm run chaos -- --kills ${seconds} --seed ${seed}`);
    return 1;
  } finally {
    await Promise.all(roles.map((role) => role.end()));
    for (const child of servers.children) child.disconnect();
  }
}

type Env = Record<string, string>;

async function startServers(seed: number): Promise<{ children: ChildProcess[]; env: Env }> {
  const children = parts.map((part) => forkServer(part, seed));
  const told = await Promise.all(
    children.map((child) => new Promise<Env>((resolve) => child.once('message', resolve))),
  );
  return { children, env: Object.assign({}, ...told) as Env };
}

function forkServer(part: Part, seed: number): ChildProcess {
  return fork(process.argv[1] ?? '', ['--serve', part, '--seed', String(seed)]);
}

async function startRoles(env: Env): Promise<RoleProcess[]> {
  const port = String(await freePort());
  const shared = { PATH: process.env['PATH'], ...env, MONGODB_DATABASE: database };
  const settings = { ...shared, PUBLIC_URL: `http://127.0.0.1:${port}` };
  return crew.map(
    (role) => new RoleProcess(role, { ...settings, PORT: role === 'receiver' ? port : '0' }),
  );
}

/** Gives the number of changes. */
async function killUnderLoad(
  env: Env,
  roles: readonly RoleProcess[],
  random: () => number,
  seconds: number,
): Promise<number> {
  const end = Date.now() + seconds * 1_000;
  let changes = 0;
  const load = async () => {
    while (Date.now() < end) {
      const count = 1 + Math.floor(random() * 5);
      await local(env, 'changes', { count, seed: changes });
      changes += count;
      await sleep(50 + random() * 200);
    }
  };
  const kill = async () => {
    while (Date.now() < end) {
      await sleep(200 + random() * 2_000);
      pick(random, roles).kill();
    }
  };
  await Promise.all([load(), kill()]);
  // Its next start ends a gap, so that what was restored unseen is swept soon.
  roles.find(({ role }) => role === 'scheduler')?.kill();
  return changes;
}

/** Nothing is acknowledged before. */
async function untilSubscribed(env: Env): Promise<void> {
  const began = Date.now();
  const count = async () =>
    ((await local(env, 'state')) as { subscriptions: unknown[] }).subscriptions;
  while ((await count()).length < 2) {
    if (Date.now() > began + equalWithinMs) throw new Error('nobody has subscribed');
    await sleep(500);
  }
}

async function untilEqual(env: Env, after: string): Promise<number> {
  const began = Date.now();
  for (;;) {
    // On a busy machine a server may be late.
    const differences = await differencesNow(env).catch((error: unknown) => [String(error)]);
    if (differences.length === 0) return Date.now() - began;
    if (Date.now() > began + equalWithinMs) {
      throw new Error(`after ${after}: ${JSON.stringify(differences.slice(0, 5))}`);
    }
    await sleep(500);
  }
}

async function differencesNow(env: Env): Promise<Difference[]> {
  const client = new MongoClient(env['MONGODB_URI'] ?? '');
  try {
    const source = (await local(env, 'snapshot')) as Source;
    const of = { tenantId: env['AZURE_TENANT_ID'] };
    const read = (name: string) => client.db(database).collection(name).find(of);
    return await compare(source, read, propertyTable());
  } finally {
    await client.close();
  }
}

/** Asks the local Graph's control surface. */
async function local(env: Env, path: string, body?: unknown): Promise<unknown> {
  const url = new URL(`/__local/${path}`, env['GRAPH_BASE_URL']);
  const post = { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, body === undefined ? {} : post);
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}
