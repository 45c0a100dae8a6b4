import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { SubscriptionStore } from './store.ts';
import type { SubscriptionRecord, SubscriptionsApi } from './types.ts';

export interface RenewalDeps {
  store: SubscriptionStore;
  graphOf: (tenantId: string) => SubscriptionsApi;
  /** Address at which Graph reaches the receiver, without a slash at its end. */
  publicUrl: string;
  /** Runs work under a lease of that name, or not at all where another holds it. */
  underLease: (
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ) => Promise<unknown>;
  requestSweep: (tenantId: string) => Promise<void>;
  clock: Clock;
  log: Log;
}

/** One run for one tenant, under its lease. */
export interface Run {
  tenantId: string;
  /** The tenant's records as the run found them, oldest first. */
  records: readonly SubscriptionRecord[];
  signal: AbortSignal;
}
