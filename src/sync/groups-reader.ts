import { readDueEdges, type DueDeps } from './due-edges.ts';
import { underLease, type Keeper, type LeaseDeps } from './lease.ts';
import { quickRound } from './quick-round.ts';

export type ReaderDeps = DueDeps & LeaseDeps;

/** The one writer of a tenant's memberships, wherever it runs. */
export interface GroupsReader {
  /** Counts a request durably and serves it here, unless another process is at it. */
  request(tenantId: string): Promise<void>;
  /** Serves what waits; resolves when nothing does or another process has it. */
  serve(tenantId: string): Promise<void>;
  /** Ends what is under way; the next holder goes on with it. */
  close(): Promise<void>;
}

export const edgesLease = (tenantId: string) => `edges/${tenantId}`;

export function createGroupsReader(deps: ReaderDeps): GroupsReader {
  const closing = new AbortController();
  const serving = new Map<string, Promise<void>>();
  const serve = (tenantId: string): Promise<void> => {
    const underWay = serving.get(tenantId);
    if (underWay || closing.signal.aborted) return underWay ?? Promise.resolve();
    const run = serveUnderLease(deps, tenantId, closing.signal).finally(() =>
      serving.delete(tenantId),
    );
    serving.set(tenantId, run);
    return run;
  };
  return {
    async request(tenantId) {
      await deps.mirror.requestLease(edgesLease(tenantId));
      serve(tenantId).catch((error: unknown) => {
        deps.log.warn({ err: error, tenantId }, 'memberships not read, the scheduler tries again');
      });
    },
    serve,
    async close() {
      closing.abort();
      await Promise.allSettled(serving.values());
    },
  };
}

async function serveUnderLease(
  deps: ReaderDeps,
  tenantId: string,
  signal: AbortSignal,
): Promise<void> {
  await underLease(deps, edgesLease(tenantId), { signal }, async (keeper) => {
    while (!signal.aborted && !(await roundThenRelease(deps, tenantId, keeper)));
  });
}

/** Requests that come during a round may have missed it, so the lease is given back only if none came. */
async function roundThenRelease(
  deps: ReaderDeps,
  tenantId: string,
  keeper: Keeper,
): Promise<boolean> {
  const requested = keeper.requested();
  await quickRound(deps, tenantId, keeper);
  const more = await readDueEdges(deps, tenantId, keeper);
  await deps.clock.sleep(deps.timings.roundGapMs, keeper.signal);
  if (!more && (await keeper.releaseUnlessRequested(requested))) return true;
  await keeper.keep();
  return false;
}
