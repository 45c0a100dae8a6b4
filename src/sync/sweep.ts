import type { Change, ObjectType } from '../change.ts';
import type { DeltaPage } from '../graph/types.ts';
import { sweepStart } from '../mirror/links.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import type { Checkpoint, EdgeWrite, KeptLink } from '../mirror/types.ts';
import { LinkExpiredError } from '../ops/errors.ts';
import { contradicts, differs, hinted, isRestored } from './compare.ts';
import type { SyncDeps } from './deps.ts';
import { hintsOf } from './hints.ts';
import { LeaseLostError, type Keeper } from './lease.ts';
import { patiently } from './patiently.ts';
import { edgeWrites, quickRound } from './quick-round.ts';

/**
 * Walks the delta from a link old enough to show again what a late replica held back. It is finished
 * when all that differed is on the queue or marked in the mirror and the new link is stored; until
 * then it counts for nothing. Runs under the lease of the type.
 */
export async function sweep(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  keeper: Keeper,
): Promise<void> {
  const { mirror, timings } = deps;
  const beganAt = await mirror.now();
  // A replay can only be held against memberships that are up to date.
  if (type === 'group') await quickRound(deps, tenantId, keeper);
  const checkpoint = await mirror.checkpoint(tenantId, type);
  const start = checkpoint && startOf(checkpoint, timings.replicationMs);
  if (!start) return;
  try {
    const link = await replay(deps, checkpoint, start, keeper);
    const finished = await mirror.finishSweep(tenantId, type, { link, beganAt }, keeper.epoch);
    if (!finished) throw new LeaseLostError(`another process has swept ${type}s of ${tenantId}`);
    deps.figures.count('sweeps');
  } catch (error) {
    if (!(error instanceof LinkExpiredError)) throw error;
    await mirror.requestPass(tenantId, type, 'expired');
  }
}

const startOf = ({ links, sweptAt }: Checkpoint, overlapMs: number) =>
  sweepStart(links, sweptAt, overlapMs);

/** As many as a worker takes at once: pages show few that differ, and each page's own would cost a request. */
const hintsTogether = 400;

/** Gives the delta link at its end. */
async function replay(
  deps: SyncDeps,
  checkpoint: Checkpoint,
  start: KeptLink,
  keeper: Keeper,
): Promise<string> {
  const { tenantId, type } = checkpoint;
  let hints: Change[] = [];
  for (let { link } = start; ;) {
    await keeper.keep();
    const page = await patiently(deps.clock, keeper.signal, () =>
      deps.graphOf(tenantId).deltaPage(type, link, 'sweep', keeper.signal),
    );
    hints.push(...(await hintsFrom(deps, checkpoint, page)));
    await markContradicted(deps, tenantId, edgeWrites(page), keeper);
    await markRestored(deps, checkpoint, page, start);
    if (hints.length >= hintsTogether || (page.deltaLink !== undefined && hints.length > 0)) {
      await deps.publish(tenantId, hints);
      hints = [];
    }
    if (page.deltaLink !== undefined) return page.deltaLink;
    if (page.nextLink === undefined)
      throw new Error(`a delta page of ${type}s ended without a link`);
    link = page.nextLink;
  }
}

/** Nothing of a page is data: what differs is read whole by a worker, a contradicted group by the reader. */
async function hintsFrom(
  { mirror, figures, clock }: SyncDeps,
  { tenantId, sweptAt }: Checkpoint,
  page: DeltaPage,
): Promise<Change[]> {
  const counter = await mirror.currentToken(tenantId);
  const held = await mirror.currentOf(tenantId, page.items);
  const different = page.items.filter((item, index) => differs(item, held[index]));
  if (different.length > 0) figures.count('sweep.hints', different.length);
  // The first sweep finds what happened during the load; after it, notifications should have come.
  const found = sweptAt ? { foundBy: 'sweep' as const } : {};
  const refs = different.map((item) => ({ ...hinted(item), ...found }));
  return hintsOf(refs, counter, clock.now());
}

/** Who was created after the link needs no mark: all of their edges are shown after it, too. */
async function markRestored(
  { mirror }: SyncDeps,
  { tenantId, type }: Checkpoint,
  { items }: DeltaPage,
  start: KeptLink,
): Promise<void> {
  const restored = items.filter((item) => isRestored(item, start.at));
  if (restored.length === 0) return;
  const ids = [...new Set(restored.map(({ id }) => id))];
  await mirror.markEdgesDue(tenantId, ids, type);
}

/** What a replay shows may be newer than the last round, so that one more round comes before the verdict. */
async function markContradicted(
  deps: SyncDeps,
  tenantId: string,
  entries: readonly EdgeWrite[],
  keeper: Keeper,
): Promise<void> {
  const { mirror, figures } = deps;
  const suspect = await contradicted(mirror, tenantId, entries);
  if (suspect.length === 0) return;
  await quickRound(deps, tenantId, keeper);
  const wrong = await contradicted(mirror, tenantId, suspect);
  if (wrong.length === 0) return;
  figures.count('sweep.contradictions', wrong.length);
  await mirror.markEdgesDue(tenantId, [...new Set(wrong.map(({ groupId }) => groupId))]);
}

async function contradicted(
  mirror: Mirror,
  tenantId: string,
  entries: readonly EdgeWrite[],
): Promise<EdgeWrite[]> {
  if (entries.length === 0) return [];
  const held = await mirror.edgesOf(tenantId, entries);
  return entries.filter((entry, index) => contradicts(entry, held[index]));
}
