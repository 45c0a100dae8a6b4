import type { Clock } from '../../ops/clock.ts';
import { createWindows, type Windows } from './delta/windows.ts';
import type { Directory } from './directory/directory.ts';
import { viewAt, type View } from './directory/view.ts';
import type { Faults } from './faults.ts';
import { Bucket } from './http/throttle.ts';
import type { Notifier } from './notify/notifier.ts';
import type { Subscriptions } from './notify/subscriptions.ts';
import { shuffle, type Random } from './random.ts';
import type { Stats } from './stats.ts';

/** Requests that Graph counts apart from resource units, per 20 s. */
export const SUBSCRIPTION_LIMITS = { write: 500, reauthorize: 1_000, get: 500, list: 25 };
export type LimitName = keyof typeof SUBSCRIPTION_LIMITS | 'units';

interface TenantParts {
  id: string;
  directory: Directory;
  faults: Faults;
  stats: Stats;
  subscriptions: Subscriptions;
  notifier: Notifier;
  clock: Clock;
  random: Random;
  /** Resource units per 10 s for each application. */
  quota: number;
  pageDelayMs: number;
  handshakeTimeoutMs: number;
}

type RateName = {
  [Name in keyof Faults]: Name extends `${string}Rate` ? Name : never;
}[keyof Faults];

/** One directory with everything that Graph keeps about it. */
export class Tenant {
  readonly id: string;
  readonly directory: Directory;
  readonly faults: Faults;
  readonly stats: Stats;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly pageDelayMs: number;
  readonly handshakeTimeoutMs: number;
  readonly windows: Windows;
  readonly #random: Random;
  readonly #quota: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(parts: TenantParts) {
    this.id = parts.id;
    this.directory = parts.directory;
    this.faults = parts.faults;
    this.stats = parts.stats;
    this.subscriptions = parts.subscriptions;
    this.notifier = parts.notifier;
    this.clock = parts.clock;
    this.pageDelayMs = parts.pageDelayMs;
    this.handshakeTimeoutMs = parts.handshakeTimeoutMs;
    this.windows = createWindows(parts.directory.tables);
    this.#random = parts.random;
    this.#quota = parts.quota;
  }

  /** What the replica that serves this read shows. */
  view(): View {
    const { replicaLagMs } = this.faults;
    if (replicaLagMs === 0) return this.directory.now();
    return viewAt(this.directory.tables, this.clock.now() - this.#random() * replicaLagMs);
  }

  /** Draws whether a fault strikes now. */
  chance(name: RateName): boolean {
    const rate = this.faults[name];
    return rate > 0 && this.#random() < rate;
  }

  /** A batch promises no order of its answers. */
  inAnyOrder<T>(answers: readonly T[]): T[] {
    return shuffle(this.#random, answers);
  }

  bucket(appId: string, limit: LimitName): Bucket {
    const key = `${appId}/${limit}`;
    const known = this.#buckets.get(key);
    if (known) return known;
    const bucket =
      limit === 'units'
        ? new Bucket(this.#quota, 10_000, this.clock)
        : new Bucket(SUBSCRIPTION_LIMITS[limit], 20_000, this.clock);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
