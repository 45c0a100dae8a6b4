import { setMaxListeners } from 'node:events';
import type { Clock } from '../../../ops/clock.ts';
import type { Stats } from '../stats.ts';
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

/** One item for one URL; `settled` is called once it was delivered or discarded. */
export interface Parcel {
  json: string;
  settled: () => void;
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
  readonly #closing = new AbortController();
  readonly #posts = new Set<Promise<void>>();
  #waiting: Parcel[] = [];
  #gathering = false;

  constructor(
    url: string,
    { clock, times, stats }: { clock: Clock; times: DeliveryTimes; stats: Stats },
  ) {
    this.#url = url;
    this.#clock = clock;
    this.#times = times;
    this.#stats = stats;
    setMaxListeners(0, this.#closing.signal);
  }

  add(parcel: Parcel): void {
    this.#waiting.push(parcel);
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => this.#send(), this.#times.gatherMs);
  }

  async close(): Promise<void> {
    this.#waiting = [];
    this.#closing.abort();
    await Promise.all(this.#posts);
  }

  #send(): void {
    this.#gathering = false;
    while (this.#waiting.length > 0 && this.#posts.size < POSTS_UNDER_WAY) {
      const post = this.#post(this.#waiting.splice(0, ITEMS_PER_POST)).finally(() => {
        this.#posts.delete(post);
        if (!this.#gathering) this.#send();
      });
      this.#posts.add(post);
    }
  }

  async #post(parcels: readonly Parcel[]): Promise<void> {
    const body = printCollection(parcels.map(({ json }) => json));
    const giveUpAt = this.#clock.now() + this.#times.giveUpMs;
    let timeoutMs = this.#times.firstTimeoutMs;
    let pauseMs = this.#times.retryPauseMs;
    while (!(await this.#try(body, timeoutMs))) {
      this.#stats.failedPosts += 1;
      if (this.#clock.now() + pauseMs > giveUpAt) break;
      await this.#clock.sleep(pauseMs, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      timeoutMs = this.#times.retryTimeoutMs;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
    for (const { settled } of parcels) settled();
  }

  /** True for any 2xx in time. */
  async #try(body: string, timeoutMs: number): Promise<boolean> {
    this.#stats.notificationPosts += 1;
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
