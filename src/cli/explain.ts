import type { Command } from 'commander';
import type { Change, ObjectRef } from '../change.ts';
import type { Connections } from '../connect.ts';
import type { Read } from '../graph/types.ts';
import { contentOfRead, differingNames } from '../on-demand/differing-names.ts';
import type { StoredObject } from '../mirror/types.ts';
import { searchQueue } from '../queue/search.ts';
import { adviceFor } from './advice.ts';
import { withConnections } from './connected.ts';
import { deadLettersOf } from './dead-letters-of.ts';
import { locate } from '../on-demand/locate.ts';
import { print } from './output.ts';

/** All that bears on one object; ids, times and names of properties, no values. */
export interface Explanation {
  object: ObjectRef;
  tenant: { id: string; state: string; phase: string; degraded?: string };
  /** What the mirror holds; null where it holds nothing. */
  mirror: {
    state: string;
    fence: number;
    revision: number;
    observedAt: Date;
    changedAt: Date;
    lastNotifiedAt: Date | null;
    edgesDue: boolean;
    /** Its removal waits for a person, in this hold. */
    hold: string | null;
  } | null;
  /** What a direct read of Graph found just now. */
  directory: Exclude<Read['kind'], 'found'> | 'active';
  trouble?: string;
  /** Properties in which the two differ. */
  differences: string[];
  queued: { origin: Change['origin']; attempt: number; dueAt: Date | null }[];
  deadLetters: { id: string; reason: string; description: string }[];
  /** Begin of the last finished sweep of its kind. */
  sweptAt: Date | null;
  advice: string[];
}

/** Adds `explain`. */
export function addExplain(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('explain')
    .description('why the mirror shows a person or group as it does, and what to do')
    .argument('<name>', 'object id, user principal name or mail address')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  entra-mirror explain ada@contoso.com')
    .action((name: string, { json }: { json?: boolean }) =>
      withConnections(env, async (connections) => {
        const explanation = await explain(connections, name);
        print(json, explanation, () => inWords(explanation));
      }),
    );
}

async function explain(connections: Connections, name: string): Promise<Explanation> {
  const { tenantId, graphOf, mirror, bus, config } = connections;
  const { ref, stored } = await locate(connections, name);
  const [[read], tenant, queued, letters, checkpoint] = await Promise.all([
    graphOf(tenantId).read([ref], 'onDemand'),
    mirror.tenants.find(tenantId),
    searchQueue({ client: bus, queueName: config.queue, id: ref.id }),
    deadLettersOf(connections, 'directory').list(1_000),
    mirror.checkpoint(tenantId, ref.type),
  ]);
  const found = {
    object: ref,
    tenant: tenantPart(tenantId, tenant),
    mirror: stored ? mirrorPart(stored) : null,
    ...directoryPart(read, stored),
    queued: queued.map(({ change: { origin, attempt }, dueAt }) => ({ origin, attempt, dueAt })),
    deadLetters: letters
      .filter(({ changes }) => changes.some(({ id }) => id === ref.id))
      .map(({ id, reason, description }) => ({ id, reason, description })),
    sweptAt: checkpoint?.sweptAt ?? null,
  };
  return { ...found, advice: adviceFor(found) };
}

type Tenant = Awaited<ReturnType<Connections['mirror']['tenants']['find']>>;
function tenantPart(id: string, tenant: Tenant): Explanation['tenant'] {
  if (!tenant) return { id, state: 'unknown', phase: 'unknown' };
  const { state, phase, degraded } = tenant;
  return { id, state, phase, ...(degraded !== undefined && { degraded }) };
}

const mirrorPart = ({ mirror }: StoredObject): Explanation['mirror'] => ({
  state: mirror.state,
  fence: mirror.fence,
  revision: mirror.revision,
  observedAt: mirror.observedAt,
  changedAt: mirror.changedAt,
  lastNotifiedAt: mirror.lastNotifiedAt ?? null,
  edgesDue: mirror.edgesDue !== undefined,
  hold: mirror.held?.hold ?? null,
});

function directoryPart(
  read: Read | undefined,
  stored: StoredObject | undefined,
): Pick<Explanation, 'directory' | 'differences' | 'trouble'> {
  if (!read) return { directory: 'failed', differences: [], trouble: 'Graph gave no answer' };
  if (read.kind === 'found') {
    const differences =
      stored?.mirror.state === 'active' ? differingNames(stored, contentOfRead(read)) : [];
    return { directory: 'active', differences };
  }
  if (read.kind === 'failed')
    return { directory: read.kind, differences: [], trouble: read.reason };
  if (read.kind === 'refused')
    return { directory: read.kind, differences: [], trouble: `${read.code}: ${read.message}` };
  return { directory: read.kind, differences: [] };
}

function inWords(of: Explanation): string {
  const { object, tenant, mirror, directory, trouble, differences, queued, deadLetters } = of;
  const at = (time: Date | null) => time?.toISOString() ?? 'never';
  const held = mirror
    ? [
        `mirror      ${mirror.state}, revision ${mirror.revision}, fence ${mirror.fence}`,
        `  notified  ${at(mirror.lastNotifiedAt)}`,
        `  read      ${at(mirror.observedAt)}`,
        `  changed   ${at(mirror.changedAt)}`,
      ]
    : ['mirror      holds nothing of it'];
  return [
    `${object.type} ${object.id}`,
    `tenant      ${tenant.id}: ${tenant.state}, ${tenant.phase}`,
    ...held,
    `directory   ${directory}${trouble === undefined ? '' : ` (${trouble})`}`,
    `differ in   ${differences.join(', ') || 'nothing'}`,
    `in queue    ${queued.length}`,
    `dead        ${deadLetters.map(({ id, reason }) => `${reason} (${id})`).join(', ') || 'none'}`,
    `last sweep  ${at(of.sweptAt)}`,
    ...of.advice.map((line) => `→ ${line}`),
  ].join('\n');
}
