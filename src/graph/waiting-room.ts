import { lanes } from './budget.ts';
import type { Observation } from './cost.ts';
import type { Lane } from './types.ts';

/** The right to have one request under way; it must be settled. */
export interface Permit {
  /** Gives the place back and tells what Graph said, if it answered. */
  settle(observation?: Observation): void;
}

/** A request that waits for its turn. */
export interface Waiter {
  lane: Lane;
  units: number;
  /** When it is turned away. */
  until: number;
  grant: (permit: Permit) => void;
  refuse: (error: unknown) => void;
}

/** Who waits for the budget, first come first served within a lane. */
export class WaitingRoom {
  readonly #lanes: Record<Lane, Waiter[]> = {
    notification: [],
    onDemand: [],
    sweep: [],
    audit: [],
  };

  add(waiter: Waiter): void {
    this.#lanes[waiter.lane].push(waiter);
  }

  takeFirst(lane: Lane): Waiter | undefined {
    return this.#lanes[lane].shift();
  }

  remove(waiter: Waiter): void {
    this.#lanes[waiter.lane] = this.#lanes[waiter.lane].filter((each) => each !== waiter);
  }

  all(): Waiter[] {
    return lanes.flatMap((lane) => this.#lanes[lane]);
  }

  /** Units of all of each lane. */
  units(): Record<Lane, number> {
    const sum = (lane: Lane) => this.#lanes[lane].reduce((total, { units }) => total + units, 0);
    const [notification, onDemand, sweep, audit] = lanes.map(sum);
    return {
      notification: notification ?? 0,
      onDemand: onDemand ?? 0,
      sweep: sweep ?? 0,
      audit: audit ?? 0,
    };
  }

  /** Units of the first of each lane where someone waits. */
  heads(): Partial<Record<Lane, number>> {
    const heads: Partial<Record<Lane, number>> = {};
    for (const lane of lanes) {
      const [first] = this.#lanes[lane];
      if (first) heads[lane] = first.units;
    }
    return heads;
  }
}
