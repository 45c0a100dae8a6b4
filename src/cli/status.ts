import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Table from 'cli-table3';
import { readConfig } from '../config.ts';
import type { Status } from '../roles/status.ts';
import { duration } from './status-line.ts';

/** Where a running `start` says how it is reached. */
export const runningFile = (dataDir: string) => join(dataDir, 'running.json');

/** Prints what `GET /status` of the running mirror answers. */
export async function status({
  env,
  json = false,
}: {
  env: NodeJS.ProcessEnv;
  json?: boolean;
}): Promise<void> {
  const url = await findRunning(env);
  const answer = await fetch(`${url}/status`).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${url}: start it with "npm start".`, { cause });
  });
  if (!answer.ok)
    throw new Error(`${url}/status answers ${answer.status}: see the log of the mirror.`);
  const text = await answer.text();
  process.stdout.write(json ? `${text}\n` : `${table(JSON.parse(text) as Status)}\n`);
}

async function findRunning(env: NodeJS.ProcessEnv): Promise<string> {
  const { dataDir, http } = readConfig(env);
  const noted = await readFile(runningFile(dataDir), 'utf8').catch(() => undefined);
  if (noted === undefined) return `http://127.0.0.1:${http.port}`;
  return (JSON.parse(noted) as { url: string }).url;
}

function table({ state, tenants, lagMs, queue, counts }: Status): string {
  const rows = new Table();
  const [first] = tenants;
  rows.push(
    { state },
    { people: tenants.reduce((sum, { users }) => sum + users.active, 0) },
    { groups: tenants.reduce((sum, { groups }) => sum + groups.active, 0) },
    { memberships: tenants.reduce((sum, { memberships }) => sum + memberships.member, 0) },
    { 'lag p50, p99': lagMs ? `${duration(lagMs.p50)}, ${duration(lagMs.p99)}` : 'no write yet' },
    { 'waiting in the queue': queue?.waiting ?? 'unknown' },
    { 'dead letters': queue?.deadLettered ?? 'unknown' },
    { 'writes applied': counts['outcome.applied'] ?? 0 },
  );
  for (const { resource, expiresAt } of first?.subscriptions ?? []) {
    rows.push({ [`subscription ${resource}`]: `until ${String(expiresAt)}` });
  }
  return rows.toString();
}
