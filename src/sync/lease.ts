import { setMaxListeners } from 'node:events';
import type { HeldLease } from '../mirror/types.ts';
import type { SyncDeps } from './deps.ts';

/** Another process has taken the lease: what is under way stops, and goes on there. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** A lease while work goes on under it. */
export interface Keeper {
  epoch: number;
  /** Requests that were counted when it was last renewed. */
  requested(): number;
  /** Renews it before a page is read. @throws LeaseLostError */
  keep(): Promise<void>;
  /** Releases it where no request has come since `requested`; true then. */
  releaseUnlessRequested(requested: number): Promise<boolean>;
  /** Aborts when the lease is lost or the process closes. */
  signal: AbortSignal;
}

export type LeaseDeps = Pick<SyncDeps, 'mirror' | 'clock' | 'timings' | 'holder'>;

/**
 * Runs `work` under a lease that is renewed beside it, and releases it. Undefined where somebody
 * else holds it for all of `waitMs`.
 */
export async function underLease<T>(
  deps: LeaseDeps,
  name: string,
  { signal, waitMs = 0 }: { signal: AbortSignal; waitMs?: number },
  work: (keeper: Keeper) => Promise<T>,
): Promise<T | undefined> {
  const lease = await acquire(deps, name, signal, waitMs);
  if (!lease) return undefined;
  const holding = new Holding(deps, lease, signal);
  try {
    return await work(holding);
  } finally {
    await holding.end();
  }
}

async function acquire(
  { mirror, clock, timings, holder }: LeaseDeps,
  name: string,
  signal: AbortSignal,
  waitMs: number,
): Promise<HeldLease | undefined> {
  const until = clock.now() + waitMs;
  for (;;) {
    const lease = await mirror.acquireLease(name, holder, timings.leaseMs);
    if (lease || clock.now() >= until || signal.aborted) return lease;
    // A holder that goes on leaves a gap between two rounds: often enough to be let in by it.
    await clock.sleep(timings.roundGapMs / 4, signal);
  }
}

class Holding implements Keeper {
  readonly #deps: LeaseDeps;
  readonly #stop = new AbortController();
  readonly #closing: AbortSignal;
  readonly #follow = () => this.#stop.abort(this.#closing.reason);
  readonly #beat: NodeJS.Timeout;
  #lease: HeldLease;
  #isOurs = true;

  constructor(deps: LeaseDeps, lease: HeldLease, closing: AbortSignal) {
    this.#deps = deps;
    this.#lease = lease;
    this.#closing = closing;
    // AbortSignal.any would leave something behind in a signal that lives as long as the process.
    closing.addEventListener('abort', this.#follow);
    if (closing.aborted) this.#follow();
    // As many listeners as there are requests under way: no leak.
    setMaxListeners(0, this.signal, closing);
    // A call to Graph may wait out a throttling that is longer than the lease.
    this.#beat = setInterval(() => void this.#renew(), deps.timings.leaseMs / 3);
    this.#beat.unref();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get epoch(): number {
    return this.#lease.epoch;
  }

  requested(): number {
    return this.#lease.requested;
  }

  async keep(): Promise<void> {
    this.signal.throwIfAborted();
    const { mirror, timings } = this.#deps;
    const renewed = await mirror.renewLease(this.#lease, timings.leaseMs);
    if (renewed) {
      this.#lease = renewed;
      return;
    }
    this.#isOurs = false;
    const error = new LeaseLostError(`the lease ${this.#lease.name} is held by another process`);
    this.#stop.abort(error);
    throw error;
  }

  async releaseUnlessRequested(requested: number): Promise<boolean> {
    const released = await this.#deps.mirror.releaseLease(this.#lease, requested);
    if (released) this.#isOurs = false;
    return released;
  }

  async end(): Promise<void> {
    clearInterval(this.#beat);
    this.#closing.removeEventListener('abort', this.#follow);
    if (this.#isOurs) await this.#deps.mirror.releaseLease(this.#lease);
  }

  /** Between the pages a failure is no news: the next page finds out. */
  async #renew(): Promise<void> {
    if (this.#isOurs) await this.keep().catch(() => undefined);
  }
}
