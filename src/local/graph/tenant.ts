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

/** A domain of the tenant; a federated one signs its people in elsewhere. */
export interface Domain {
  name: string;
  isVerified: boolean;
  isFederated?: boolean;
}

/** Requests that Graph counts apart from resource units, per 20 s. */
export const SUBSCRIPTION_LIMITS = { write: 500, reauthorize: 1_000, get: 500, list: 25 };
/** Writes of one application in a tenant per 150 s; each costs a resource unit as well. */
const WRITE_LIMIT = { count: 3_000, windowMs: 150_000 };
export type LimitName = keyof typeof SUBSCRIPTION_LIMITS | 'units' | 'directoryWrites';

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
  /** Writes of one application per 150 s. */
  writeQuota?: number | undefined;
  domains: readonly Domain[];
  /** Applications that may change people. */
  writingApps: readonly string[];
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
  readonly domains: readonly Domain[];
  readonly writingApps: readonly string[];
  /** Permissions that applications which only read are granted. */
  granted: readonly string[] = ['Group.Read.All', 'User.Read.All'];
  readonly windows: Windows;
  readonly #random: Random;
  readonly #quota: number;
  readonly #writeQuota: number;
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
    this.domains = parts.domains;
    this.writingApps = parts.writingApps;
    this.windows = createWindows(parts.directory.tables);
    this.#random = parts.random;
    this.#quota = parts.quota;
    this.#writeQuota = parts.writeQuota ?? WRITE_LIMIT.count;
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
    const bucket = this.#newBucket(limit);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #newBucket(limit: LimitName): Bucket {
    if (limit === 'units') return new Bucket(this.#quota, 10_000, this.clock);
    if (limit === 'directoryWrites') {
      return new Bucket(this.#writeQuota, WRITE_LIMIT.windowMs, this.clock);
    }
    return new Bucket(SUBSCRIPTION_LIMITS[limit], 20_000, this.clock);
  }
}
