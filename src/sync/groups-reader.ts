import type { SyncDeps } from './deps.ts';
import { readDueEdges } from './due-edges.ts';
import { underLease, type Keeper } from './lease.ts';
import { quickRound } from './quick-round.ts';

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

export function createGroupsReader(deps: SyncDeps): GroupsReader {
  const closing = new AbortController();
  const serving = new Map<string, Promise<void>>();
  const serve = (tenantId: string): Promise<void> => {
    const underWay = serving.get(tenantId);
    if (underWay || closing.signal.aborted) return underWay ?? Promise.resolve();
    const run = serveAll(deps, tenantId, closing.signal).finally(() => serving.delete(tenantId));
    serving.set(tenantId, run);
    return run;
  };
  return {
    async request(tenantId) {
      await deps.mirror.requestLease(edgesLease(tenantId));
      serve(tenantId).catch((error: unknown) => {
        if (closing.signal.aborted) return;
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

/**
 * The lease is given up between two rounds, so that sweeps and loads get their turn. The first round belongs to
 * the trace of who asked for it.
 */
async function serveAll(deps: SyncDeps, tenantId: string, signal: AbortSignal): Promise<void> {
  const name = edgesLease(tenantId);
  let parent = deps.tracer.traceparent();
  let more: boolean | undefined;
  do {
    const step = { name: 'read memberships', kind: 'consumer', parent } as const;
    more = await underLease(deps, name, { signal }, (keeper) =>
      deps.tracer.step(step, () => round(deps, tenantId, keeper)),
    );
    parent = undefined;
    if (more === undefined) return;
    await deps.clock.sleep(deps.timings.roundGapMs, signal);
  } while (!signal.aborted && (more || (await deps.mirror.leaseWanted(name))));
}

/** `true` where more memberships are due to be read. */
async function round(deps: SyncDeps, tenantId: string, keeper: Keeper): Promise<boolean> {
  const requested = keeper.requested();
  await quickRound(deps, tenantId, keeper);
  const moreDue = await readDueEdges(deps, tenantId, keeper);
  // Requests that came during the round may have missed it.
  await keeper.releaseUnlessRequested(requested);
  return moreDue;
}
