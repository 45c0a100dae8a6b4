import { drawInteger, pick, shuffle, type Random } from '../../../src/local/graph/random.ts';
import type { Faults } from '../../../src/local/graph/faults.ts';
import type { RoleName } from '../../../src/roles/start.ts';
import { families } from './families.ts';

/** Everything that one seed draws. */
export interface Plan {
  company: { users: number; groups: number };
  /** The roles of each process. */
  crew: RoleName[][];
  /** What Graph does all the time. */
  graph: Partial<Faults>;
  queue: { lockMs: number; maxDeliveryCount: number };
  /** So many removals are applied without asking a person. */
  holdAbove: number;
  /** By time. */
  steps: Step[];
  activeMs: number;
}
export type Step = { atMs: number } & Action;

/** `member` is a place in the crew, `writes` how many more of its writes it gets to send. */
export type Action =
  | { kind: 'changes'; count: number }
  | { kind: 'removePeople'; count: number; comeBack: number; purged: number }
  | { kind: 'removeMembers'; count: number; comeBack: number }
  | { kind: 'decide'; as: 'approved' | 'rejected' }
  | { kind: 'kill'; member: number; writes: number; downMs: number }
  | { kind: 'sleep'; member: number; writes: number; forMs: number }
  | { kind: 'clock'; member: number; byMs: number }
  | { kind: 'queueAway'; forMs: number }
  | { kind: 'queueCut' }
  | { kind: 'redeliver' }
  | { kind: 'duplicate'; count: number }
  | { kind: 'refuseSends'; how: 'busy' | 'full'; forMs: number }
  | { kind: 'slowSends'; ms: number; forMs: number }
  | { kind: 'mongoAway'; how: 'refuse' | 'hang'; forMs: number }
  | { kind: 'mongoFails'; command: string; failure: MongoFailure }
  | { kind: 'insertBetween' }
  | { kind: 'graphAway'; how: 'unavailableRate' | 'errorRate' | 'malformedRate'; forMs: number }
  | { kind: 'graphRefuses'; how: 'forbidden' | 'refusesTokens'; forMs: number }
  | { kind: 'unsubscribe'; announced: boolean }
  | { kind: 'lifecycle'; event: 'reauthorizationRequired' | 'missed' };
export type MongoFailure = { code: number } | { closeConnection: 'before' | 'after' };

const minute = 60_000;

const crews: RoleName[][][] = [
  [['receiver'], ['worker'], ['worker'], ['scheduler']],
  [['receiver'], ['worker', 'scheduler'], ['worker', 'scheduler']],
  [['receiver', 'worker', 'scheduler'], ['worker'], ['scheduler']],
  [['receiver', 'worker', 'scheduler']],
];

/** Of the families those named by `only`, or a few drawn. */
export function drawPlan(random: Random, only?: readonly string[]): Plan {
  const activeMs = (0.75 + random() * 1.5) * minute;
  const crew = pick(random, crews);
  const bursts = changes(random, activeMs);
  const drawn = {
    crew,
    at: () => random() * activeMs,
    amidst: () => pick(random, bursts).atMs,
    member: () => drawInteger(random, crew.length),
    between: (low: number, high: number) => low + random() * (high - low),
    random,
  };
  const drawnFamilies = shuffle(random, families).slice(0, 1 + drawInteger(random, 6));
  const chosen = only ? families.filter(({ name }) => only.includes(name)) : drawnFamilies;
  const faults = chosen.map((family) => family(drawn));
  const steps = [...bursts, ...faults.flatMap(({ steps = [] }) => steps)];
  const merged = <Part extends object>(
    defaults: Part,
    parts: (Partial<Part> | undefined)[],
  ): Part => Object.assign(defaults, ...parts) as Part;
  const company = { users: 12 + drawInteger(random, 20), groups: 3 + drawInteger(random, 5) };
  return {
    company: merged(
      company,
      faults.map((fault) => fault.company),
    ),
    holdAbove: Math.min(20, ...faults.map((fault) => fault.holdAbove ?? 20)),
    crew,
    graph: merged<Partial<Faults>>(
      {},
      faults.map(({ graph }) => graph),
    ),
    queue: merged(
      { lockMs: 5 * minute, maxDeliveryCount: 100 },
      faults.map(({ queue }) => queue),
    ),
    steps: steps.sort((a, b) => a.atMs - b.atMs),
    activeMs,
  };
}

/** Bursts of changes, from the first moment of the load on. */
function changes(random: Random, activeMs: number): Step[] {
  return Array.from({ length: 6 + drawInteger(random, 12) }, () => ({
    atMs: random() * activeMs,
    kind: 'changes',
    count: 1 + drawInteger(random, 10),
  }));
}
