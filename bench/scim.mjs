// Load on the SCIM server: the floor of 25 requests a second that Entra asks of a tenant, and the most
// that one process with its stand-in for MongoDB gives. Client and server share this machine.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { fetch } = globalThis;
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
  },
});
const floor = 25;
const targets = { perSecond: 20 * floor, p95Ms: 50 };
const dataDir = await mkdtemp(join(tmpdir(), 'bench-scim-'));
const port = 20_000 + Math.floor(Math.random() * 20_000);
const env = { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'error' };
const url = `http://127.0.0.1:${port}`;
const args = ['dist/main.js', 'start', '--users', '1', '--groups', '1', '--rate', '0'];
const server = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });

try {
  await answering();
  const entra = await connect();
  const steady = [];
  const most = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    steady.push(await load(entra, { perSecond: floor }));
    most.push(await load(entra, { connections: 24 }));
  }
  report({
    bench: 'scim',
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
    floor: { perSecond: floor, p50Ms: median(steady, 'p50Ms'), p95Ms: median(steady, 'p95Ms') },
    most: {
      perSecond: median(most, 'perSecond'),
      p95Ms: median(most, 'p95Ms'),
      spread: spread(most),
    },
    failed: [...steady, ...most].reduce((sum, { failed }) => sum + failed, 0),
    targets,
  });
} finally {
  server.kill('SIGINT');
  await new Promise((resolve) => server.once('exit', resolve));
  await rm(dataDir, { recursive: true, force: true });
}

async function answering() {
  for (let tries = 0; tries < 240; tries++) {
    if (
      await fetch(`${url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(250);
  }
  throw new Error('The server did not start: run "npm start" and see why.');
}

async function connect() {
  const answer = await fetch(`${url}/admin/connections`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', mode: 'scim' }),
  });
  const { tenantUrl, secret } = await answer.json();
  const call = async (method, path, body) => {
    const reply = await fetch(`${tenantUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { ok: reply.ok, body: text ? JSON.parse(text) : {} };
  };
  const group = (await call('POST', '/Groups', { displayName: randomUUID() })).body;
  return { call, people: [], group };
}

/** What a cycle is made of: match, create, change, add to a group. */
async function request({ call, people, group }, turn) {
  const known = people[Math.floor(Math.random() * people.length)];
  const name = randomUUID();
  const filter = encodeURIComponent(`userName eq "${name}"`);
  if (turn % 4 === 0 || !known) {
    const body = { userName: name, externalId: name, active: true, displayName: name };
    const made = await call('POST', '/Users', body);
    people.push(made.body.id);
    return made.ok;
  }
  if (turn % 4 === 1) return (await call('GET', `/Users?filter=${filter}`)).ok;
  const change = { op: 'Replace', path: 'displayName', value: name };
  const add = { op: 'Add', path: 'members', value: [{ value: known }] };
  const [path, operation] =
    turn % 4 === 2 ? [`/Users/${known}`, change] : [`/Groups/${group.id}`, add];
  return (await call('PATCH', path, { Operations: [operation] })).ok;
}

async function load(entra, { perSecond, connections = 8 }) {
  const times = [];
  let failed = 0;
  let turn = 0;
  const began = performance.now();
  const endMs = began + Number(options.seconds) * 1_000;
  const worker = async () => {
    while (performance.now() < endMs) {
      const mine = turn++;
      const at = perSecond ? began + (mine * 1_000) / perSecond : 0;
      await sleep(Math.max(0, at - performance.now()));
      const since = performance.now();
      if (!(await request(entra, mine))) failed += 1;
      times.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
  const seconds = (performance.now() - began) / 1_000;
  return { perSecond: Math.round(times.length / seconds), p50Ms: at(0.5), p95Ms: at(0.95), failed };
}

function median(rounds, name) {
  const sorted = rounds.map((round) => round[name]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function spread(rounds) {
  const all = rounds.map(({ perSecond }) => perSecond);
  return [Math.min(...all), Math.max(...all)];
}

function report(result) {
  const missed = [
    ...(result.most.perSecond < targets.perSecond ? ['perSecond'] : []),
    ...(result.floor.p95Ms > targets.p95Ms ? ['p95Ms'] : []),
    ...(result.failed > 0 ? ['failed'] : []),
  ];
  if (options.json) console.log(JSON.stringify({ ...result, missed }));
  else {
    console.table({
      floor: result.floor,
      most: { ...result.most, spread: result.most.spread.join('–') },
    });
    console.log(missed.length > 0 ? `missed: ${missed.join(', ')}` : 'every target is met');
  }
  if (options.check && missed.length > 0) process.exitCode = 1;
}
