import type { Clock } from '../ops/clock.ts';
import { ThrottledError } from '../ops/errors.ts';
import type { Log } from '../ops/log.ts';
import * as plan from './budget.ts';
import type { Observation } from './cost.ts';
import type { Lane } from './types.ts';
import { WaitingRoom, type Permit, type Waiter } from './waiting-room.ts';

export interface GovernorStats {
  requests: number;
  units: number;
  throttled: number;
  underWay: number;
  waiting: number;
  /** Part of the quota in use, 0.1 to 1. */
  pace: number;
}

/** Spends one tenant's resource units, whoever asks. */
export interface Governor {
  /** Throws `ThrottledError` where the wait would be, or has become, longer than the bound. */
  acquire(lane: Lane, units: number, signal?: AbortSignal): Promise<Permit>;
  stats(): GovernorStats;
  /** Units that all processes may spend together in 10 s. */
  unitsPer10s(): number;
  /** Units granted since it was made, and those asked for that wait. */
  demand(): { spent: Record<Lane, number>; waiting: Record<Lane, number> };
}

export interface GovernorOptions {
  tenantId: string;
  clock: Clock;
  log: Log;
  /** Graph's quota for the app in this tenant; that of the smallest tenants where it is not known. */
  unitsPer10s?: () => number;
  /** Part of the quota that belongs to this process, 0 to 1. */
  share?: () => number;
  maxUnderWay?: number;
  /** Whoever would wait longer is told to park its work. */
  maxWaitMs?: number;
}

/** Graph's quota for an app in a tenant of fewer than 50 people. */
const leastUnitsPer10s = 3_500;

/** One governor per tenant and process. */
export function createGovernor(options: GovernorOptions): Governor {
  return new LaneGovernor(options);
}

const shareLookMs = 100;

class LaneGovernor implements Governor {
  readonly #options: Required<GovernorOptions>;
  readonly #waiting = new WaitingRoom();
  readonly #counts = { requests: 0, units: 0, throttled: 0, underWay: 0 };
  readonly #spent: Record<Lane, number> = { notification: 0, onDemand: 0, sweep: 0, audit: 0 };
  #budget: plan.Budget;
  #wakeUp = new AbortController();

  constructor(options: GovernorOptions) {
    const defaults = {
      unitsPer10s: () => leastUnitsPer10s,
      share: () => 1,
      maxUnderWay: 32,
      maxWaitMs: 15_000,
    };
    this.#options = { ...defaults, ...options };
    this.#budget = plan.fullBudget(options.clock.now(), this.#rate(1));
  }

  async acquire(lane: Lane, units: number, signal?: AbortSignal): Promise<Permit> {
    signal?.throwIfAborted();
    const { clock, maxWaitMs } = this.#options;
    const { promise, grant, refuse } = promised();
    const waiter = { lane, units, until: clock.now() + maxWaitMs, grant, refuse };
    const abort = () => {
      this.#waiting.remove(waiter);
      refuse(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.add(waiter);
    this.#grantAll();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  stats(): GovernorStats {
    return { ...this.#counts, waiting: this.#waiting.all().length, pace: this.#budget.pace };
  }

  unitsPer10s(): number {
    return this.#options.unitsPer10s();
  }

  demand(): ReturnType<Governor['demand']> {
    return { spent: { ...this.#spent }, waiting: this.#waiting.units() };
  }

  /** Grants what may go now, turns away who waits in vain, and comes back when that may change. */
  #grantAll(): void {
    this.#wakeUp.abort();
    let decision = this.#next();
    while ('lane' in decision) {
      const waiter = this.#waiting.takeFirst(decision.lane);
      if (waiter) this.#grant(waiter);
      decision = this.#next();
    }
    this.#turnAway();
    if (this.#waiting.all().length > 0) this.#wakeIn(decision.waitMs);
  }

  #next(): ReturnType<typeof plan.decide> {
    const rate = this.#rate(this.#budget.pace);
    this.#budget = plan.refill(this.#budget, this.#options.clock.now(), rate);
    if (this.#counts.underWay >= this.#options.maxUnderWay) return { waitMs: Infinity };
    return plan.decide(this.#budget, this.#waiting.heads(), rate);
  }

  #grant({ lane, units, grant }: Waiter): void {
    this.#budget = plan.spend(this.#budget, lane, units);
    this.#counts.requests += 1;
    this.#counts.underWay += 1;
    this.#spent[lane] += units;
    let settled = false;
    grant({
      settle: (observation) => {
        if (settled) return;
        settled = true;
        this.#settle(lane, units, observation);
      },
    });
  }

  #settle(lane: Lane, estimate: number, observation: Observation = { throttled: 0 }): void {
    const { units = estimate, limitShare, throttled, retryAfterMs } = observation;
    this.#counts.underWay -= 1;
    this.#counts.units += units;
    this.#counts.throttled += throttled;
    this.#budget = plan.spend(this.#budget, lane, units - estimate);
    if (limitShare !== undefined) this.#budget = plan.hearShare(this.#budget, limitShare);
    if (retryAfterMs !== undefined) this.#pause(retryAfterMs);
    this.#grantAll();
  }

  #pause(retryAfterMs: number): void {
    const { clock, log, tenantId } = this.#options;
    const now = clock.now();
    if (now >= this.#budget.pausedUntil) {
      log.warn({ tenantId, retryAfterMs }, 'graph throttles: every lane of the tenant waits');
    }
    this.#budget = plan.pause({ ...this.#budget, at: now }, retryAfterMs);
  }

  /** Those whose time is over, and those whom a pause of the tenant outlasts. */
  #turnAway(): void {
    const now = this.#options.clock.now();
    const { pausedUntil } = this.#budget;
    for (const waiter of this.#waiting.all()) {
      if (waiter.until > Math.max(now, pausedUntil)) continue;
      this.#waiting.remove(waiter);
      const retryAfterMs = Math.max(pausedUntil - now, 1_000);
      waiter.refuse(new ThrottledError(retryAfterMs, 'the budget of the tenant is used up: wait'));
    }
  }

  #wakeIn(waitMs: number): void {
    const { clock } = this.#options;
    const ends = Math.min(...this.#waiting.all().map(({ until }) => until)) - clock.now();
    // The share of this process may change meanwhile.
    const inMs = Math.max(1, Math.min(waitMs, ends, shareLookMs));
    const wakeUp = new AbortController();
    this.#wakeUp = wakeUp;
    void clock.sleep(inMs, wakeUp.signal).then(() => {
      if (!wakeUp.signal.aborted) this.#grantAll();
    });
  }

  #rate(pace: number): plan.Rate {
    return plan.rateOf(this.unitsPer10s(), this.#options.share(), pace);
  }
}

function promised() {
  let grant: (permit: Permit) => void = () => undefined;
  let refuse: (error: unknown) => void = () => undefined;
  const promise = new Promise<Permit>((resolve, reject) => {
    grant = resolve;
    refuse = reject;
  });
  return { promise, grant, refuse };
}
