import { floors, lanes } from './budget.ts';
import type { Lane } from './types.ts';

/** What one process wants to spend in one tenant, in units a second. */
export type Demand = Partial<Record<Lane, number>>;

/** What a process may always spend beyond its demand, as a part of the quota: it has to begin somehow. */
const headroom = 0.05;
/** As much of what others spend in lower lanes may be taken from them before they know. */
const preempted = 0.25;

/**
 * The part of a tenant's quota, 0 to 1, that belongs to the process with the demand `own`. Lanes go
 * before each other among processes as they do in one; within a lane processes share evenly. Whoever
 * has what it wants may also use what nobody wants.
 */
export function shareOf(own: Demand, others: readonly Demand[], unitsPerSecond: number): number {
  const all = [own, ...others];
  const { granted, spare } = divide(all, unitsPerSecond);
  const parts = lanes.map((lane) => fairPart(wish(own, lane), all, lane, granted[lane]));
  const isMet = lanes.every((lane, index) => (parts[index] ?? 0) >= wish(own, lane));
  const beyond = isMet ? Math.max(spare, beginning(own, others, granted, unitsPerSecond)) : 0;
  return Math.min(1, (sum(parts) + beyond) / unitsPerSecond);
}

/** What each lane gets of the quota, all processes together, and what is left. */
function divide(all: readonly Demand[], quota: number) {
  const wanted = (lane: Lane) => sum(all.map((demand) => wish(demand, lane)));
  const granted: Record<Lane, number> = { notification: 0, onDemand: 0, sweep: 0, audit: 0 };
  let spare = quota;
  const grant = (lane: Lane, limit: number) => {
    const units = Math.min(wanted(lane) - granted[lane], limit, spare);
    granted[lane] += units;
    spare -= units;
  };
  for (const [lane, floor] of floors) grant(lane, floor * quota);
  for (const lane of lanes) grant(lane, quota);
  return { granted, spare };
}

/** Nobody gets more than it wants, and nobody less than another who wants as much. */
function fairPart(own: number, all: readonly Demand[], lane: Lane, units: number): number {
  let left = units;
  const wishes = all.map((demand) => wish(demand, lane)).sort((a, b) => a - b);
  for (const [index, wanted] of wishes.entries()) {
    const even = left / (wishes.length - index);
    if (wanted >= even) return Math.min(own, even);
    left -= wanted;
  }
  return own;
}

/** A notification that comes all of a sudden does not wait until a sweep elsewhere has given way. */
function beginning(
  own: Demand,
  others: readonly Demand[],
  granted: Record<Lane, number>,
  quota: number,
): number {
  const isUrgent = wish(own, 'notification') + wish(own, 'onDemand') > 0;
  const sweeps = others.some((demand) => wish(demand, 'sweep') + wish(demand, 'audit') > 0);
  const lower = isUrgent && sweeps ? granted.sweep + granted.audit : 0;
  return Math.max(headroom * quota, Math.min(preempted * quota, lower));
}

const wish = (demand: Demand, lane: Lane): number => demand[lane] ?? 0;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
