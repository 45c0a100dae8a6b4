import type { ObjectType } from '../change.ts';
import { LinkExpiredError } from '../ops/errors.ts';
import type { SyncDeps } from './deps.ts';
import { readDueEdges } from './due-edges.ts';
import { edgesLease } from './groups-reader.ts';
import { underLease, type Keeper } from './lease.ts';
import { nextStep, type Step } from './next-step.ts';
import { beginPass, createAhead, walk, walkAgain, type Ahead, type Pass } from './pass.ts';
import { quickRound } from './quick-round.ts';
import { sweep } from './sweep.ts';

export type OnProgress = (progress: { tenantId: string; type: ObjectType } & Pass) => void;

/**
 * Brings the users or the groups of a tenant to rest: loads what was never loaded, goes on with what
 * was interrupted, sweeps what is due. Each step begins from what is stored, so any process can take the next.
 */
export async function syncType(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  options: { signal: AbortSignal; onProgress?: OnProgress | undefined },
): Promise<void> {
  if ((await stepOf(deps, tenantId, type)) === 'rest') return;
  const name = type === 'group' ? edgesLease(tenantId) : `users/${tenantId}`;
  const patience = { signal: options.signal, waitMs: deps.timings.leaseMs };
  await underLease(deps, name, patience, async (keeper) => {
    const serveRequests = requestsServer(deps, tenantId, keeper);
    const ahead = createAhead(deps);
    for (let begun = 0; ;) {
      const step = await stepOf(deps, tenantId, type);
      if (step === 'rest') return;
      if (step === 'begin') begun += 1;
      if (begun > 2) throw new Error(`Graph refuses fresh links of ${type}s: tried again later`);
      await take(deps, tenantId, type, step, keeper, ahead, options.onProgress);
      if (type === 'group') await serveRequests();
    }
  });
}

async function stepOf({ graphOf, mirror, timings }: SyncDeps, tenantId: string, type: ObjectType) {
  const checkpoint = await mirror.checkpoint(tenantId, type);
  return nextStep(checkpoint, { now: await mirror.now(), shape: graphOf(tenantId).shape, timings });
}

async function take(
  deps: SyncDeps,
  tenantId: string,
  type: ObjectType,
  step: Exclude<Step, 'rest'>,
  keeper: Keeper,
  ahead: Ahead,
  onProgress: OnProgress | undefined,
): Promise<void> {
  const { mirror } = deps;
  if (step === 'sweep') return sweep(deps, tenantId, type, keeper);
  const checkpoint = await mirror.checkpoint(tenantId, type);
  const pass = checkpoint?.pass;
  if (step === 'begin' || !pass) {
    const shapeChanged = pass && checkpoint.shape !== deps.graphOf(tenantId).shape;
    const cause = checkpoint?.passRequested ?? (shapeChanged ? 'shape' : pass ? 'tooOld' : 'first');
    return beginPass(deps, tenantId, type, cause, keeper);
  }
  if (step === 'walkAgain') return walkAgain(deps, tenantId, type, pass, keeper);
  try {
    const walked = await walk({ deps, tenantId, type, keeper, ahead }, pass);
    onProgress?.({ tenantId, type, ...walked });
  } catch (error) {
    if (!(error instanceof LinkExpiredError)) throw error;
    await mirror.requestPass(tenantId, type, 'expired');
  }
}

/** Whoever holds the lease of the memberships is their reader: it serves requests between its steps. */
function requestsServer(deps: SyncDeps, tenantId: string, keeper: Keeper): () => Promise<void> {
  let served: number | undefined;
  let servedMs = 0;
  return async () => {
    const requested = keeper.requested();
    const isTooSoon = deps.clock.now() - servedMs < deps.timings.roundGapMs;
    if (requested === served || isTooSoon) return;
    await quickRound(deps, tenantId, keeper);
    await readDueEdges(deps, tenantId, keeper);
    served = requested;
    servedMs = deps.clock.now();
  };
}
