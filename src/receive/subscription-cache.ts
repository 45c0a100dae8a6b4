import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Known, KnownSubscriptions, Lookup } from './known-subscriptions.ts';
import { createStrangers } from './strangers.ts';
import { within } from './within.ts';

export interface KnownLimits {
  refreshMs: number;
  /** How long a start waits for the first load. */
  firstLoadMs: number;
  /** How long the primary may take to answer. */
  findMs: number;
  /** How long a stranger is remembered. */
  strangerMs: number;
  /** Questions to the primary in a second; it must not suffer from what strangers send. */
  findsPerSecond: number;
}

const defaultKnownLimits: KnownLimits = {
  refreshMs: 60_000,
  firstLoadMs: 2_000,
  findMs: 500,
  strangerMs: 5_000,
  findsPerSecond: 20,
};

interface Deps {
  /** All that are valid, those that ended within a day included. */
  load: () => Promise<readonly Known[]>;
  /** Asks the primary for the one with this id or with this hash. */
  find: (subscriptionId: string, clientStateHash: string) => Promise<Known | undefined>;
  clock: Clock;
  log: Log;
  limits?: Partial<KnownLimits>;
}

/** The subscriptions as last loaded, and those found since. */
export class SubscriptionCache implements KnownSubscriptions {
  readonly #deps: Deps;
  readonly #limits: KnownLimits;
  readonly #strangers;
  readonly #asking = new Map<string, Promise<Lookup>>();
  readonly #closing = new AbortController();
  #known = new Map<string, Known>();
  #foundSinceLoad: Known[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#limits = { ...defaultKnownLimits, ...deps.limits };
    this.#strangers = createStrangers(deps.clock, this.#limits);
  }

  /** Loads now and then every minute; waits a moment for the first load, since notifications may come at once. */
  async start(): Promise<void> {
    await within(this.refresh(), this.#limits.firstLoadMs, this.#deps.clock);
    void this.#keepFresh();
  }

  close(): void {
    this.#closing.abort();
  }

  async refresh(): Promise<void> {
    this.#foundSinceLoad = [];
    try {
      const loaded = await this.#deps.load();
      this.#known = index([...loaded, ...this.#foundSinceLoad]);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'subscriptions not loaded; those known stay valid');
    }
  }

  async lookup(subscriptionId: string, clientStateHash: string): Promise<Lookup> {
    const known = this.#known.get(subscriptionId) ?? this.#known.get(clientStateHash);
    if (known) return known;
    const key = `${subscriptionId}/${clientStateHash}`;
    if (this.#strangers.has(key)) return 'unknown';
    const asking = this.#asking.get(key);
    if (asking) return asking;
    const answer = this.#ask(key, subscriptionId, clientStateHash);
    this.#asking.set(key, answer);
    return answer.finally(() => this.#asking.delete(key));
  }

  async #ask(key: string, subscriptionId: string, clientStateHash: string): Promise<Lookup> {
    try {
      if (!this.#strangers.mayAsk()) return 'cannotTell';
      const { find, clock } = this.#deps;
      const found = await within(find(subscriptionId, clientStateHash), this.#limits.findMs, clock);
      if (found === 'late') return 'cannotTell';
      if (found) this.#remember(found);
      else this.#strangers.add(key);
      return found ?? 'unknown';
    } catch (error) {
      this.#deps.log.warn({ err: error, subscriptionId }, 'subscription could not be looked up');
      return 'cannotTell';
    }
  }

  #remember(found: Known): void {
    this.#foundSinceLoad.push(found);
    for (const [key, known] of index([found])) this.#known.set(key, known);
  }

  async #keepFresh(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#deps.clock.sleep(this.#limits.refreshMs, signal);
      if (signal.aborted) return;
      await this.refresh();
    }
  }
}

/** By id where there is one; by hash always, since a notification can overtake the answer that brings the id. */
function index(subscriptions: readonly Known[]): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const subscription of subscriptions) {
    const { subscriptionId, clientStateHash } = subscription;
    known.set(clientStateHash, subscription);
    if (subscriptionId !== undefined) known.set(subscriptionId, subscription);
  }
  return known;
}
