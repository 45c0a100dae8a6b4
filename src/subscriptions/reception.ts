import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';

/** What is known of the receiver: a quiet one is suspect, for Graph announces no lost notification. */
export interface Reception {
  /** Last sign of life: a notification of ours, or an answer to our own probe. */
  heardAtMs: number;
  isGap: boolean;
}

/** What a new look at the receiver means. A gap is swept when it is found and again when it ends. */
export function hear(
  before: Reception,
  look: { nowMs: number; answered: boolean; lastReceiptAt: Date | undefined },
  limitMs: number,
): Reception & { sweep: boolean } {
  const receiptMs = look.lastReceiptAt?.getTime() ?? -Infinity;
  const heardAtMs = Math.max(before.heardAtMs, receiptMs, look.answered ? look.nowMs : -Infinity);
  const isGap = look.nowMs - heardAtMs >= limitMs;
  return { heardAtMs, isGap, sweep: isGap !== before.isGap };
}

interface ReceptionDeps {
  /** Address at which Graph reaches the receiver, without a slash at its end. */
  publicUrl: string;
  lastReceiptAt: () => Promise<Date | undefined>;
  sweepAll: () => Promise<void>;
  timings: { receptionCheckMs: number; receptionLimitMs: number };
  clock: Clock;
  log: Log;
}

/** Looks after the receiver until `signal` aborts. */
export async function watchReception(deps: ReceptionDeps, signal: AbortSignal): Promise<void> {
  const { publicUrl, lastReceiptAt, sweepAll, timings, clock, log } = deps;
  let reception: Reception = { heardAtMs: -Infinity, isGap: false };
  while (!signal.aborted) {
    try {
      const answered = await probe(publicUrl);
      const look = { nowMs: clock.now(), answered, lastReceiptAt: await lastReceiptAt() };
      const { sweep, ...next } = hear(reception, look, timings.receptionLimitMs);
      if (next.isGap) log.error({ publicUrl }, 'the receiver cannot be reached: check PUBLIC_URL');
      if (sweep) await sweepAll();
      reception = next;
    } catch (error) {
      log.warn({ err: error }, 'receiver not looked after, tried again');
    }
    await clock.sleep(timings.receptionCheckMs, signal);
  }
}

const probeLimitMs = 10_000;

/** Asks as Graph does when it validates an address; whoever echoes the token is a receiver. */
async function probe(publicUrl: string): Promise<boolean> {
  const token = `probe-${Math.random().toString(36).slice(2)}`;
  try {
    const answer = await fetch(`${publicUrl}/notifications?validationToken=${token}`, {
      method: 'POST',
      signal: AbortSignal.timeout(probeLimitMs),
    });
    return (await answer.text()) === token;
  } catch {
    return false;
  }
}
