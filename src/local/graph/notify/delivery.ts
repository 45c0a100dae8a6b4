import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../ops/clock.ts';
import type { Stats } from '../stats.ts';
import { EndpointHealth, WINDOW_MS } from './endpoint-health.ts';
import { printCollection } from './payload.ts';

export interface DeliveryTimes {
  /** How long items of one URL are gathered into one POST. */
  gatherMs: number;
  firstTimeoutMs: number;
  retryTimeoutMs: number;
  /** Pause before the first retry; it doubles up to five minutes. */
  retryPauseMs: number;
  /** How long a POST is retried before it is discarded. */
  giveUpMs: number;
}

export const GRAPH_TIMES: DeliveryTimes = {
  gatherMs: 5,
  firstTimeoutMs: 3_000,
  retryTimeoutMs: 10_000,
  retryPauseMs: 1_000,
  giveUpMs: 4 * 3_600_000,
};

interface DeliveryDeps {
  clock: Clock;
  times: DeliveryTimes;
  stats: Stats;
  /** Whether an endpoint that answers slowly is delayed and cut off. */
  punishesSlowness: () => boolean;
}

/** One item for one URL; `settled` is called once it was delivered or discarded. */
interface Parcel {
  json: string;
  settled: () => void;
}

interface Post {
  parcels: Parcel[];
  failures: number;
  giveUpAt: number;
}

const ITEMS_PER_POST = 200;
const POSTS_UNDER_WAY = 32;
const LONGEST_PAUSE_MS = 300_000;

/** Delivers to one URL: gathers, posts, retries. What is not delivered when it closes stays unsettled. */
export class Delivery {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #times: DeliveryTimes;
  readonly #stats: Stats;
  readonly #punishesSlowness: () => boolean;
  readonly #health: EndpointHealth;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #waiting: Parcel[] = [];
  /** Posts whose pause is over; they go before new ones. */
  #retries: Post[] = [];
  #gathering = false;

  constructor(url: string, { clock, times, stats, punishesSlowness }: DeliveryDeps) {
    this.#url = url;
    this.#clock = clock;
    this.#times = times;
    this.#stats = stats;
    this.#punishesSlowness = punishesSlowness;
    this.#health = new EndpointHealth(clock);
    setMaxListeners(0, this.#closing.signal);
  }

  add(parcel: Parcel): void {
    const treatment = this.#punishesSlowness() ? this.#health.treatment : 'normal';
    if (treatment === 'normal') this.#gather(parcel);
    if (treatment === 'slow') void this.#gatherLater(parcel);
    if (treatment !== 'dropping') return;
    this.#stats.lostNotifications += 1;
    parcel.settled();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#underWay);
  }

  async #gatherLater(parcel: Parcel): Promise<void> {
    await this.#clock.sleep(WINDOW_MS, this.#closing.signal);
    this.#gather(parcel);
  }

  #gather(parcel: Parcel): void {
    this.#waiting.push(parcel);
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => {
      this.#gathering = false;
      this.#send();
    }, this.#times.gatherMs);
  }

  #send(): void {
    while (this.#underWay.size < POSTS_UNDER_WAY && !this.#closing.signal.aborted) {
      const post = this.#retries.shift() ?? this.#pack();
      if (!post) return;
      const sending = this.#deliver(post).finally(() => {
        this.#underWay.delete(sending);
        if (!this.#gathering) this.#send();
      });
      this.#underWay.add(sending);
    }
  }

  #pack(): Post | undefined {
    if (this.#waiting.length === 0) return undefined;
    const parcels = this.#waiting.splice(0, ITEMS_PER_POST);
    return { parcels, failures: 0, giveUpAt: this.#clock.now() + this.#times.giveUpMs };
  }

  async #deliver(post: Post): Promise<void> {
    const beganAt = this.#clock.now();
    const isDelivered = await this.#try(post);
    this.#health.record(this.#clock.now() - beganAt);
    if (this.#closing.signal.aborted && !isDelivered) return;
    const pauseMs = Math.min(this.#times.retryPauseMs * 2 ** post.failures, LONGEST_PAUSE_MS);
    if (isDelivered || this.#clock.now() + pauseMs > post.giveUpAt) {
      for (const { settled } of post.parcels) settled();
      return;
    }
    void this.#retryAfter(pauseMs, { ...post, failures: post.failures + 1 });
  }

  async #retryAfter(pauseMs: number, post: Post): Promise<void> {
    await this.#clock.sleep(pauseMs, this.#closing.signal);
    this.#retries.push(post);
    this.#send();
  }

  /** True for any 2xx in time. */
  async #try({ parcels, failures }: Post): Promise<boolean> {
    const timeoutMs = failures === 0 ? this.#times.firstTimeoutMs : this.#times.retryTimeoutMs;
    this.#stats.notificationPosts += 1;
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: printCollection(parcels.map(({ json }) => json)),
        redirect: 'manual',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.arrayBuffer();
      if (response.ok) return true;
    } catch {
      // Unreachable or too slow: the same as a refusal.
    }
    this.#stats.failedPosts += 1;
    return false;
  }
}
