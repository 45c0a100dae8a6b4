import type { Clock } from '../../../ops/clock.ts';

/** A token bucket that refills evenly; `windowMs` fills it from empty. */
export class Bucket {
  readonly #capacity: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  #level: number;
  #filledAt: number;

  constructor(capacity: number, windowMs: number, clock: Clock) {
    this.#capacity = capacity;
    this.#windowMs = windowMs;
    this.#clock = clock;
    this.#level = capacity;
    this.#filledAt = clock.now();
  }

  /** Takes `count`, or takes nothing and tells how long until there is enough. */
  take(count: number): { waitMs: number } {
    this.#refill();
    if (this.#level >= count) {
      this.#level -= count;
      return { waitMs: 0 };
    }
    return { waitMs: ((count - this.#level) * this.#windowMs) / this.#capacity };
  }

  /** From 0 (untouched) to 1 (empty). */
  usedShare(): number {
    this.#refill();
    return 1 - this.#level / this.#capacity;
  }

  #refill(): void {
    const now = this.#clock.now();
    const gained = ((now - this.#filledAt) * this.#capacity) / this.#windowMs;
    this.#level = Math.min(this.#capacity, this.#level + Math.max(0, gained));
    this.#filledAt = now;
  }
}

/** Resource units of a read: its base, one less with `$select` or a small `$top`, one more with `$expand`. */
export function unitsOf(base: number, query: URLSearchParams): number {
  const top = Number(query.get('$top') ?? 100);
  const units =
    base - Number(query.has('$select')) + Number(query.has('$expand')) - Number(top < 20);
  return Math.max(1, units);
}
