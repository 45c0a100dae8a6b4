import type { Change } from '../change.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import type { SyncDeps } from './deps.ts';
import { enumerateGroups } from './enumerate.ts';
import { hintsOf } from './hints.ts';
import { LeaseLostError, type Keeper } from './lease.ts';
import { patiently } from './patiently.ts';

type DueEdges = Awaited<ReturnType<Mirror['edgesDue']>>[number];

const atOnce = 20;

/**
 * Reads the edges of objects that came alive, of people found gone and of groups that a replay
 * contradicted: at once and again when no replica can be late. True where more may be due.
 */
export async function readDueEdges(
  deps: SyncDeps,
  tenantId: string,
  keeper: Keeper,
): Promise<boolean> {
  const { mirror, timings } = deps;
  const due = await mirror.edgesDue(tenantId, timings.replicationMs, atOnce);
  await Promise.all(due.map((one) => look(deps, tenantId, one, keeper)));
  return due.length === atOnce;
}

async function look(
  deps: SyncDeps,
  tenantId: string,
  one: DueEdges,
  keeper: Keeper,
): Promise<void> {
  try {
    await keeper.keep();
    await readEdges(deps, tenantId, one, keeper);
    await deps.mirror.looked(tenantId, one, one.edgesDue);
  } catch (error) {
    if (error instanceof LeaseLostError || keeper.signal.aborted) throw error;
    const { type, id } = one;
    deps.log.warn({ err: error, tenantId, type, id }, 'edges not read, tried again');
  }
}

async function readEdges(
  deps: SyncDeps,
  tenantId: string,
  { type, id, state, edgesDue }: DueEdges,
  keeper: Keeper,
): Promise<void> {
  if (type === 'user') return readPerson(deps, tenantId, id, keeper);
  if (state === 'purged') {
    const token = await deps.mirror.drawToken(tenantId);
    await deps.mirror.endEdgesOfGroup(tenantId, id, token);
    return;
  }
  const { absentIn } = await enumerateGroups(deps, tenantId, [id], { keeper, lane: 'onDemand' });
  // Only another look can end what the last one was the first to miss.
  if (edgesDue.looks > 0 && absentIn.length > 0) await deps.mirror.markEdgesDue(tenantId, absentIn);
}

/** Graph forgets a person's reports when the person goes, and says nothing of them. */
async function readPerson(
  deps: SyncDeps,
  tenantId: string,
  id: string,
  keeper: Keeper,
): Promise<void> {
  const { graphOf, mirror, clock } = deps;
  const token = await mirror.drawToken(tenantId);
  const relations = await patiently(clock, keeper.signal, () =>
    graphOf(tenantId).relations(id, 'onDemand', keeper.signal),
  );
  const { memberOf, owned, reports } = relations === 'missing' ? none : relations;
  const edge = { memberId: id, memberType: 'user', present: true };
  const writes = [
    ...memberOf.map((groupId) => ({ ...edge, groupId, kind: 'member' as const })),
    ...owned.map((groupId) => ({ ...edge, groupId, kind: 'owner' as const })),
  ];
  if (writes.length > 0) await mirror.applyEdges(tenantId, writes, token);
  const held = await mirror.reportsOf(tenantId, id);
  await readAgain(deps, tenantId, held, reports);
}

const none = { memberOf: [], owned: [], reports: [] };

/** People for whom mirror and Graph name different managers are read again. */
async function readAgain(
  { mirror, publish, clock }: SyncDeps,
  tenantId: string,
  held: readonly string[],
  shown: readonly string[],
): Promise<void> {
  const different = [
    ...held.filter((id) => !shown.includes(id)),
    ...shown.filter((id) => !held.includes(id)),
  ];
  if (different.length === 0) return;
  const counter = await mirror.currentToken(tenantId);
  const refs = different.map((id): Pick<Change, 'type' | 'id'> => ({ type: 'user', id }));
  await publish(tenantId, hintsOf(refs, counter, clock.now()));
}
