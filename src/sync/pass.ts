import type { ObjectType } from '../change.ts';
import type { ObjectPage } from '../graph/types.ts';
import type { Checkpoint, WriteResult } from '../mirror/types.ts';
import type { SyncDeps } from './deps.ts';
import { beginEnumeration, enumerateGroups, type Enumeration } from './enumerate.ts';
import { hintsOf } from './hints.ts';
import { inParts } from './in-parts.ts';
import { LeaseLostError, type Keeper } from './lease.ts';
import { patiently } from './patiently.ts';
import { createReadAhead, type ReadAhead } from './read-ahead.ts';

export type Pass = NonNullable<Checkpoint['pass']>;

const objectsAtOnce = 500;
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

/** What a walk has read ahead of its writes. */
export interface Ahead {
  objects: ReadAhead<ObjectsRead>;
  edges: ReadAhead<EdgesRead>;
}

/** A page of people or groups under a token of its own. */
interface ObjectsRead {
  token: number;
  page: ObjectPage;
}
/** The first pages of the memberships of some groups. */
interface EdgesRead {
  groupIds: string[];
  begun: Enumeration | undefined;
}

interface Walk {
  deps: SyncDeps;
  tenantId: string;
  type: ObjectType;
  keeper: Keeper;
  ahead: Ahead;
}

export const createAhead = (deps: SyncDeps): Ahead => ({
  objects: createReadAhead(deps),
  edges: createReadAhead(deps),
});

/** Takes the next piece of a pass and stores how far it has come; a restart goes on from there. */
export async function walk(under: Walk, pass: Pass): Promise<Pass> {
  const { deps, tenantId, type, keeper } = under;
  await keeper.keep();
  const next = await walkStage(under, pass);
  ensureHeld(await deps.mirror.savePass(tenantId, type, next, keeper.epoch), type);
  return next;
}

async function walkStage(under: Walk, pass: Pass): Promise<Pass> {
  switch (pass.stage) {
    case 'objects':
      return walkObjects(under, pass);
    case 'edges':
      return walkEdges(under, pass);
    case 'suspects':
      return walkSuspects(under.deps, under.tenantId, under.type, pass);
    case 'done':
      return pass;
  }
}

async function walkObjects(under: Walk, pass: Pass): Promise<Pass> {
  const { deps, tenantId, type, ahead } = under;
  const read = (cursor: string | undefined) => () => readObjects(under, cursor);
  const { token, page } = await ahead.objects.take(pass.cursor, read(pass.cursor));
  if (page.nextLink !== undefined) ahead.objects.begin(page.nextLink, read(page.nextLink));
  const writes = page.objects.map(({ id, properties, managerId }) => ({
    ...{ type, id, properties, managerId },
    state: 'active' as const,
    fromPage: true,
  }));
  const batch = { token, shape: deps.graphOf(tenantId).shape, isNew: isFirst(pass) };
  await inParts(writes, objectsAtOnce, async (some) => {
    const results = await deps.mirror.applyObjects(tenantId, some, batch);
    await handOnTooLarge(deps, tenantId, results, token);
  });
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

async function readObjects(
  { deps: { graphOf, mirror, clock }, tenantId, type, keeper: { signal } }: Walk,
  cursor: string | undefined,
): Promise<ObjectsRead> {
  const token = await mirror.drawToken(tenantId);
  const page = await patiently(clock, signal, () =>
    graphOf(tenantId).listPage(type, cursor, 'sweep', signal),
  );
  return { token, page };
}

async function walkEdges(under: Walk, pass: Pass): Promise<Pass> {
  const { deps, tenantId, keeper, ahead } = under;
  const terms = { keeper, lane: 'sweep' as const, isNew: isFirst(pass) };
  const read = (cursor: string | undefined) => () => readEdges(under, cursor, terms);
  const { groupIds, begun } = await ahead.edges.take(pass.cursor, read(pass.cursor));
  if (!begun) return onwards(pass, undefined, 'suspects');
  const last = groupIds.at(-1);
  ahead.edges.begin(last, read(last));
  const found = await enumerateGroups(deps, tenantId, groupIds, terms, begun);
  if (found.absentIn.length > 0) await deps.mirror.markEdgesDue(tenantId, found.absentIn);
  return onwards({ ...pass, edges: pass.edges + found.edges }, last, 'suspects');
}

async function readEdges(
  { deps, tenantId }: Walk,
  cursor: string | undefined,
  terms: Parameters<typeof beginEnumeration>[3],
): Promise<EdgesRead> {
  const page = { after: cursor, limit: groupsAtOnce };
  const groupIds = await deps.mirror.activeGroups(tenantId, page);
  if (groupIds.length === 0) return { groupIds, begun: undefined };
  return { groupIds, begun: await beginEnumeration(deps, tenantId, groupIds, terms) };
}

/** Nothing is thought to be in the mirror yet. */
const isFirst = ({ cause, walks }: Pass): boolean => cause === 'first' && walks === 0;

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
