import type { ObjectType } from '../change.ts';
import type { Checkpoint, WriteResult } from '../mirror/types.ts';
import type { SyncDeps } from './deps.ts';
import { enumerateGroups } from './enumerate.ts';
import { hintsOf } from './hints.ts';
import { LeaseLostError, type Keeper } from './lease.ts';
import { patiently } from './patiently.ts';

export type Pass = NonNullable<Checkpoint['pass']>;

const groupsAtOnce = 40;
const suspectsAtOnce = 500;

/** Begins a load or full pass: a fresh link comes before the first page, so that no change falls between. */
export async function beginPass(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  cause: string,
  keeper: Keeper,
): Promise<void> {
  const { graphOf, mirror, clock, log } = deps;
  const graph = graphOf(tenantId);
  const link = await patiently(clock, keeper.signal, () =>
    graph.latestLink(type, 'sweep', keeper.signal),
  );
  const token = await mirror.drawToken(tenantId);
  const begin = { link, token, shape: graph.shape, cause };
  ensureHeld(await mirror.beginPass(tenantId, type, begin, keeper.epoch), type);
  log.info({ tenantId, type, cause }, 'pass begun');
}

/** Begins the second walk of a pass whose first may have met late replicas. */
export async function walkAgain(
  { mirror }: SyncDeps,
  tenantId: string,
  type: ObjectType,
  pass: Pass,
  keeper: Keeper,
): Promise<void> {
  const token = await mirror.drawToken(tenantId);
  const startedAt = await mirror.now();
  const fresh = { token, startedAt, objects: 0, edges: 0 };
  const again = onwards({ ...pass, ...fresh }, undefined, 'objects');
  ensureHeld(await mirror.savePass(tenantId, type, again, keeper.epoch), type);
}

/** Takes the next piece of a pass and stores how far it has come; a restart goes on from there. */
export async function walk(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  pass: Pass,
  keeper: Keeper,
): Promise<Pass> {
  await keeper.keep();
  const next = await walkStage(deps, tenantId, type, pass, keeper);
  ensureHeld(await deps.mirror.savePass(tenantId, type, next, keeper.epoch), type);
  return next;
}

async function walkStage(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  pass: Pass,
  keeper: Keeper,
): Promise<Pass> {
  switch (pass.stage) {
    case 'objects':
      return walkObjects(deps, tenantId, type, pass, keeper);
    case 'edges':
      return walkEdges(deps, tenantId, pass, keeper);
    case 'suspects':
      return walkSuspects(deps, tenantId, type, pass);
    case 'done':
      return pass;
  }
}

async function walkObjects(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  pass: Pass,
  keeper: Keeper,
): Promise<Pass> {
  const { graphOf, mirror, clock } = deps;
  const graph = graphOf(tenantId);
  const token = await mirror.drawToken(tenantId);
  const page = await patiently(clock, keeper.signal, () =>
    graph.listPage(type, pass.cursor, 'sweep', keeper.signal),
  );
  const writes = page.objects.map(({ id, properties, managerId }) => ({
    ...{ type, id, properties, managerId },
    state: 'active' as const,
    fromPage: true,
  }));
  if (writes.length > 0) {
    const results = await mirror.applyObjects(tenantId, writes, { token, shape: graph.shape });
    await handOnTooLarge(deps, tenantId, results, token);
  }
  const counted = { ...pass, objects: pass.objects + writes.length };
  const after = type === 'group' ? 'edges' : 'suspects';
  return onwards(counted, page.nextLink, after);
}

/** What no document holds does not stop the pass: a worker makes it a dead letter, for a person to see. */
async function handOnTooLarge(
  { publish, clock, log }: SyncDeps,
  tenantId: string,
  results: readonly WriteResult[],
  token: number,
): Promise<void> {
  const refused = results.filter(({ result }) => result === 'tooLarge');
  if (refused.length === 0) return;
  log.warn({ tenantId, ids: refused.map(({ id }) => id) }, 'too large for the mirror');
  await publish(tenantId, hintsOf(refused, token, clock.now()));
}

async function walkEdges(
  deps: SyncDeps,
  tenantId: string,
  pass: Pass,
  keeper: Keeper,
): Promise<Pass> {
  const { mirror } = deps;
  const page = { after: pass.cursor, limit: groupsAtOnce };
  const groupIds = await mirror.activeGroups(tenantId, page);
  const found = await enumerateGroups(deps, tenantId, groupIds, { keeper, lane: 'sweep' });
  if (found.absentIn.length > 0) await mirror.markEdgesDue(tenantId, found.absentIn);
  return onwards({ ...pass, edges: pass.edges + found.edges }, groupIds.at(-1), 'suspects');
}

/** What the mirror holds and the pass did not see is read directly, and judged by evidence. */
async function walkSuspects(
  { mirror, publish, clock }: SyncDeps,
  tenantId: string,
  type: ObjectType,
  pass: Pass,
): Promise<Pass> {
  const page = { after: pass.cursor, limit: suspectsAtOnce };
  const ids = await mirror.suspects(tenantId, type, pass.token, page);
  if (ids.length > 0) {
    const counter = await mirror.currentToken(tenantId);
    const refs = ids.map((id) => ({ type, id }));
    await publish(tenantId, hintsOf(refs, counter, clock.now()));
  }
  const next = onwards(pass, ids.at(-1), 'done');
  return next.stage === 'done' ? { ...next, walks: pass.walks + 1 } : next;
}

/** The same stage from `cursor`, or the beginning of another one where there is none. */
function onwards(pass: Pass, cursor: string | undefined, after: Pass['stage']): Pass {
  if (cursor !== undefined) return { ...pass, cursor };
  const next = { ...pass, stage: after };
  delete next.cursor;
  return next;
}

function ensureHeld(saved: boolean, type: ObjectType): void {
  if (!saved) throw new LeaseLostError(`another process has gone on with the pass of ${type}s`);
}
