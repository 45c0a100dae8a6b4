import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { lanes } from './budget.ts';
import type { Governor } from './governor.ts';
import { shareOf, type Demand } from './share.ts';

/** Demands of one process by budget: a tenant's id for what reads it, or another name. */
export type Demands = Record<string, Demand>;

interface Shares {
  /** Part of a budget's quota that belongs to this process now, 0 to 1. */
  of(budget: string): number;
  /** From now on counts what this governor's callers want. */
  follow(budget: string, governor: Governor): void;
  /** Learns what other processes want, now and from now on. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const everyMs = 250;
/**
 * Divides each quota among the processes that spend it: each tells what it wants and computes
 * its own share of it. While the others cannot be heard the last shares stay.
 */
export function createShares(deps: {
  /** Tells the others what this process wants, unless nothing is new, and gives what they want. */
  exchange: (own: Demands | undefined) => Promise<Demands[]>;
  clock: Clock;
  log: Log;
  /** Between two turns while nobody wants anything. */
  idleEveryMs?: number;
}): Shares {
  const { exchange, clock, log, idleEveryMs = 500 } = deps;
  const meters = new Map<string, Meter>();
  const shares = new Map<string, number>();
  const closing = new AbortController();
  let others: Demands[] = [];
  let own: Demands = {};
  let running: Promise<void> | undefined;

  const divide = (budget: string, { quota }: Meter) => {
    const theirs = others.flatMap((demands) => demands[budget] ?? []);
    shares.set(budget, shareOf(own[budget] ?? {}, theirs, quota()));
  };
  const turn = async () => {
    const before = own;
    own = demandsOf(meters, clock.now());
    others = await exchange(isEmpty(before) && isEmpty(own) ? undefined : own);
    for (const [budget, meter] of meters) divide(budget, meter);
  };
  const attempt = () =>
    turn().catch((error: unknown) => log.debug({ err: error }, 'budget not shared, tried again'));
  const keepTurning = async () => {
    for (;;) {
      const isQuiet = [own, ...others].every(isEmpty);
      await clock.sleep(isQuiet ? idleEveryMs : everyMs, closing.signal);
      if (closing.signal.aborted) return;
      await attempt();
    }
  };
  return {
    of: (budget) => shares.get(budget) ?? 0,
    follow(budget, governor) {
      const meter = createMeter(governor, clock.now());
      meters.set(budget, meter);
      divide(budget, meter);
    },
    async start() {
      await attempt();
      running = keepTurning();
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}

const isEmpty = (record: object) => Object.keys(record).length === 0;

interface Meter {
  /** Units a second. */
  quota: () => number;
  read(nowMs: number): Demand;
}

/** Units a second that were spent since the last reading, and those that wait, to be spent in a second. */
function createMeter(governor: Governor, startMs: number): Meter {
  let spentBefore = governor.demand().spent;
  let readMs = startMs;
  return {
    quota: () => governor.unitsPer10s() / 10,
    read(nowMs) {
      const { spent, waiting } = governor.demand();
      const seconds = Math.max(nowMs - readMs, 1) / 1_000;
      const wanted = lanes.map((lane) => {
        return [lane, (spent[lane] - spentBefore[lane]) / seconds + waiting[lane]] as const;
      });
      [spentBefore, readMs] = [spent, nowMs];
      return Object.fromEntries(wanted.filter(([, units]) => units > 0));
    },
  };
}

function demandsOf(meters: ReadonlyMap<string, Meter>, nowMs: number): Demands {
  const read = [...meters].map(([budget, meter]) => [budget, meter.read(nowMs)] as const);
  return Object.fromEntries(read.filter(([, demand]) => !isEmpty(demand)));
}
