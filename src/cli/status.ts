import Table from 'cli-table3';
import type { Status } from '../roles/status.ts';
import { addressOf } from './running.ts';
import { duration } from './status-line.ts';

/** Prints what `GET /status` of the running mirror answers. */
export async function status({
  env,
  json = false,
}: {
  env: NodeJS.ProcessEnv;
  json?: boolean;
}): Promise<void> {
  const { url, headers } = await addressOf(env);
  const answer = await fetch(`${url}/status`, { headers }).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${url}: start it with "npm start".`, { cause });
  });
  if (answer.status === 401 || answer.status === 403)
    throw new Error(
      `${url}/status answers ${answer.status}: set ADMIN_TOKEN to that of the mirror.`,
    );
  if (!answer.ok)
    throw new Error(`${url}/status answers ${answer.status}: see the log of the mirror.`);
  const text = await answer.text();
  process.stdout.write(json ? `${text}\n` : `${table(JSON.parse(text) as Status)}\n`);
}

function table({ state, tenants, lagMs, queue, counts }: Status): string {
  const rows = new Table({ style: { head: [], border: [] } });
  const [first] = tenants;
  rows.push(
    { state },
    { people: tenants.reduce((sum, { users }) => sum + users.active, 0) },
    { groups: tenants.reduce((sum, { groups }) => sum + groups.active, 0) },
    { memberships: tenants.reduce((sum, { memberships }) => sum + memberships.member, 0) },
    { 'lag p50, p99': lagMs ? `${duration(lagMs.p50)}, ${duration(lagMs.p99)}` : 'no write yet' },
    { 'waiting in the queue': queue?.waiting ?? 'unknown' },
    { 'the oldest for': ageOf(queue?.oldestWaitingAt) },
    { 'dead letters': queue?.deadLettered ?? 'unknown' },
    { 'last sweep': tenants.map(({ sweptAt }) => `${ageOf(sweptAt.users)} ago`).join(', ') },
    { 'changes not announced': tenants.reduce((sum, { loss }) => sum + loss.lost, 0) },
    { 'writes applied': counts['outcome.applied'] ?? 0 },
  );
  for (const { resource, expiresAt } of first?.subscriptions ?? []) {
    rows.push({ [`subscription ${resource}`]: `until ${String(expiresAt)}` });
  }
  for (const { id, items } of tenants.flatMap(({ holds }) => holds)) {
    rows.push({ [`hold ${id}`]: `${items} removals wait: entra-mirror holds list` });
  }
  for (const { id, degraded } of tenants) {
    if (degraded !== undefined) rows.push({ [`tenant ${id}`]: degraded });
  }
  const audit = first?.audit;
  if (audit)
    rows.push({ 'last audit': `${audit.differences} differences, ${String(audit.endedAt)}` });
  return rows.toString();
}

/** Of a time as JSON carries it. */
const ageOf = (at: Date | string | null | undefined): string =>
  at ? duration(Math.max(0, Date.now() - new Date(at).getTime())) : '–';
