import type { Clock } from '../../../ops/clock.ts';

/** `slow`: notifications wait ten minutes. `dropping`: they are lost. */
type Treatment = 'normal' | 'slow' | 'dropping';

/** Both the span that is judged and the delay that it may cost. */
export const WINDOW_MS = 600_000;
const SLOW_MS = 3_000;
const TOO_SLOW_MS = 10_000;
/** Fewer answers than this prove nothing. */
const ENOUGH_ANSWERS = 10;

/** Judges an endpoint every ten minutes by how long its answers took in them. */
export class EndpointHealth {
  readonly #clock: Clock;
  #windowBegan: number;
  #durations: number[] = [];
  #treatment: Treatment = 'normal';

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#windowBegan = clock.now();
  }

  record(durationMs: number): void {
    this.#turnWindow();
    this.#durations.push(durationMs);
    if (this.#treatment === 'normal') this.#treatment = judge(this.#durations);
  }

  get treatment(): Treatment {
    this.#turnWindow();
    return this.#treatment;
  }

  #turnWindow(): void {
    const now = this.#clock.now();
    if (now < this.#windowBegan + WINDOW_MS) return;
    this.#treatment = judge(this.#durations);
    this.#windowBegan = now;
    this.#durations = [];
  }
}

/** More than 10 % over 3 s is slow; more than 15 % over 10 s is worse. */
function judge(durations: readonly number[]): Treatment {
  if (durations.length < ENOUGH_ANSWERS) return 'normal';
  const shareOver = (limitMs: number) =>
    durations.filter((duration) => duration >= limitMs).length / durations.length;
  if (shareOver(TOO_SLOW_MS) > 0.15) return 'dropping';
  return shareOver(SLOW_MS) > 0.1 ? 'slow' : 'normal';
}
