import type { Lane } from './types.ts';

/** Highest first. */
export const lanes: readonly Lane[] = ['notification', 'onDemand', 'sweep', 'audit'];
/** Share of the rate that a lane gets even if higher ones want everything. */
export const floors: readonly (readonly ['sweep' | 'audit', number])[] = [
  ['sweep', 0.1],
  ['audit', 0.02],
];
/** Part of the quota that is spent under load. */
const aim = 0.97;
const leastPace = 0.1;

/** What a tenant may spend, as a token bucket with a small one for each lane that has a floor. */
export interface Budget {
  /** Units that may be spent at once; below 0 where a request cost more than was there. */
  units: number;
  credit: { sweep: number; audit: number };
  /** Part of the quota that is used, 0.1 to 1: falls when Graph says that we are over, recovers by itself. */
  pace: number;
  pausedUntil: number;
  /** When the pace last fell because of what Graph said of its limit. */
  slowedAt: number;
  /** When `units` was counted (ms). */
  at: number;
}

/** Quota of this process at this moment, in units a second, and how many may be spent at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export function rateOf(unitsPer10s: number, share: number, pace: number): Rate {
  const quota = unitsPer10s * Math.min(1, Math.max(0, share)) * pace;
  // Rate and burst together stay within the quota of any 10 s; a burst holds at least one $batch.
  return { perSecond: (quota * aim) / 10, burst: Math.max(20, quota * (1 - aim)) };
}

export function fullBudget(now: number, { burst }: Rate): Budget {
  return {
    units: burst,
    credit: { sweep: 0, audit: 0 },
    pace: 1,
    pausedUntil: 0,
    slowedAt: -Infinity,
    at: now,
  };
}

/** The budget after time has passed. */
export function refill(budget: Budget, now: number, { perSecond, burst }: Rate): Budget {
  const seconds = Math.max(0, now - budget.at) / 1_000;
  const credit = { ...budget.credit };
  for (const [lane, floor] of floors) {
    credit[lane] = Math.min(credit[lane] + seconds * perSecond * floor, burst);
  }
  return {
    ...budget,
    credit,
    units: Math.min(budget.units + seconds * perSecond, Math.max(burst, budget.units)),
    pace: Math.min(1, budget.pace + seconds * 0.01),
    at: now,
  };
}

/** Which lane goes next, or how long none may; `heads` are the units of each lane's first request. */
export function decide(
  budget: Budget,
  heads: Partial<Record<Lane, number>>,
  { perSecond, burst }: Rate,
): { lane: Lane } | { waitMs: number } {
  if (budget.at < budget.pausedUntil) return { waitMs: budget.pausedUntil - budget.at };
  const waiting = lanes.filter((lane) => heads[lane] !== undefined);
  const need = (lane: Lane) => Math.min(heads[lane] ?? 0, burst);
  const due = floors.find(
    ([lane]) => waiting.includes(lane) && budget.credit[lane] >= need(lane),
  )?.[0];
  const lane = due ?? waiting[0];
  if (!lane) return { waitMs: Infinity };
  const missing = need(lane) - budget.units;
  return missing <= 0 ? { lane } : { waitMs: Math.ceil((missing / perSecond) * 1_000) };
}

/** The budget after a lane has spent units; a negative number gives back what was not used. */
export function spend(budget: Budget, lane: Lane, units: number): Budget {
  const credit = { ...budget.credit };
  if (lane === 'sweep' || lane === 'audit') credit[lane] = Math.max(0, credit[lane] - units);
  return { ...budget, credit, units: budget.units - units };
}

/**
 * So much of the limit is in use: above what we aim at the pace falls to what keeps it there. Answers that were
 * under way together say the same, so they are heard once a second.
 */
export function hearShare(budget: Budget, limitShare: number): Budget {
  if (limitShare <= aim || budget.at < budget.slowedAt + 1_000) return budget;
  const pace = Math.max(leastPace, (budget.pace * aim) / limitShare);
  return { ...budget, pace, slowedAt: budget.at };
}

/**
 * Graph wants silence: no lane spends until then. The pace falls a little with each pause, not far: a
 * 429 can also come below the limit, and that we are over it Graph says by the share in use.
 */
export function pause(budget: Budget, retryAfterMs: number): Budget {
  const isNew = budget.at >= budget.pausedUntil;
  const slower = Math.max(budget.pace * 0.9, Math.min(budget.pace, 0.5));
  return {
    ...budget,
    units: Math.min(budget.units, 0),
    pace: isNew ? slower : budget.pace,
    pausedUntil: Math.max(budget.pausedUntil, budget.at + retryAfterMs),
  };
}
