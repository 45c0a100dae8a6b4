import type { Change, ObjectRef, ObjectType, Outcome } from '../change.ts';
import type { Lane, Read } from '../graph/types.ts';
import type { ObjectWrite, WriteResult } from '../mirror/types.ts';
import type { SyncDeps } from './deps.ts';
import { judge, tooLarge, type Found, type Judgement } from './outcome.ts';

/** A change of an object, what became of it, and what its write did. */
export interface Handled {
  change: ObjectChange;
  outcome: Outcome;
  write?: WriteResult & { state: ObjectWrite['state'] };
}
export type ObjectChange = Change & { type: ObjectType };

type Deps = Pick<SyncDeps, 'graphOf' | 'mirror' | 'clock' | 'timings' | 'tracer'>;
interface Batch {
  tenantId: string;
  lane: Lane;
  signal: AbortSignal;
}

const shortWaitMs = 2_000;
/** Nothing usable: it is read again at once, under a new token. */
const unread: Read = { kind: 'throttled', retryAfterMs: 0 };

/** Reads the objects of `changes` whole under a token drawn first and writes what the reads found. */
export async function readAndWrite(
  deps: Deps,
  batch: Batch,
  changes: readonly ObjectChange[],
  again = false,
): Promise<Handled[]> {
  if (changes.length === 0) return [];
  const { graphOf, mirror, clock, timings } = deps;
  const graph = graphOf(batch.tenantId);
  const token = await mirror.drawToken(batch.tenantId);
  const startedMs = clock.now();
  const reads = await graph.read(changes.map(refOf), batch.lane, batch.signal);
  const tooOld = clock.now() - startedMs > timings.staleReadMs;
  const judged = await judgeAll(deps, batch, changes, tooOld ? [] : reads);
  const writes = judged.flatMap(({ change, judgement }) =>
    judgement.kind === 'write' ? [writeOf(change, judgement.found, timings.replicationMs)] : [],
  );
  const results = await write(deps, batch, writes, { token, shape: graph.shape });
  const handled = settle(judged, results);
  return again ? handled : readThrottledAgain(deps, batch, judged, handled);
}

async function write(
  { mirror, tracer }: Deps,
  { tenantId }: Batch,
  writes: readonly ObjectWrite[],
  under: Parameters<SyncDeps['mirror']['applyObjects']>[2],
): Promise<WriteResult[]> {
  if (writes.length === 0) return [];
  const attributes = { tenantId, objects: writes.length };
  return tracer.step({ name: 'write objects', kind: 'client', attributes }, async (note) => {
    const results = await mirror.applyObjects(tenantId, writes, under);
    note({ applied: results.filter(({ result }) => result === 'applied').length });
    return results;
  });
}

interface Judged {
  change: ObjectChange;
  judgement: Judgement;
}

async function judgeAll(
  { mirror, clock, timings }: Deps,
  { tenantId }: Batch,
  changes: readonly ObjectChange[],
  reads: readonly Read[],
): Promise<Judged[]> {
  const isOf = (kind: Read['kind']) => (_: unknown, index: number) => reads[index]?.kind === kind;
  const missing = changes.filter(isOf('missing'));
  const held = missing.length > 0 ? await mirror.currentOf(tenantId, missing) : [];
  const buried = new Set(missing.filter((_, index) => held[index]?.mirror.state === 'purged'));
  const comesBack = missing.length > 0 || changes.some(isOf('failed'));
  const counter = comesBack ? await mirror.currentToken(tenantId) : 0;
  const at = { now: new Date(clock.now()), replicationMs: timings.replicationMs, counter };
  return changes.map((change, index) => {
    const read = reads[index] ?? unread;
    return { change, judgement: judge(read, change, { ...at, isBuried: buried.has(change) }) };
  });
}

function writeOf(change: ObjectChange, found: Found, replicationMs: number): ObjectWrite {
  const notified = change.origin === 'notification';
  const receivedMs = Date.parse(change.receivedAt);
  const unannounced = change.foundBy === 'sweep' && change.subscriptionId === undefined;
  return {
    ...refOf(change),
    ...found,
    ...(notified && { notifiedAt: new Date(receivedMs) }),
    ...(unannounced && { unannouncedSince: new Date(receivedMs - replicationMs) }),
  };
}

/** Results come in the order of the writes, so each write takes the next one. */
function settle(judged: readonly Judged[], results: readonly WriteResult[]): Handled[] {
  const next = results.values();
  return judged.map(({ change, judgement }) => {
    if (judgement.kind === 'outcome') return { change, outcome: judgement.outcome };
    if (judgement.kind === 'wait') {
      return { change, outcome: { kind: 'park', reason: 'throttled', delayMs: judgement.ms } };
    }
    const result = next.next().value;
    if (!result) throw new Error('the mirror gave fewer results than it was given writes');
    if (result.result === 'tooLarge') return { change, outcome: tooLarge };
    return {
      change,
      outcome: { kind: 'done' },
      write: { ...result, state: judgement.found.state },
    };
  });
}

/** What Graph throttles for a moment only is waited for here, once; longer waits are parked. */
async function readThrottledAgain(
  deps: Deps,
  batch: Batch,
  judged: readonly Judged[],
  handled: readonly Handled[],
): Promise<Handled[]> {
  const waits = judged.flatMap(({ change, judgement }) =>
    judgement.kind === 'wait' && judgement.ms <= shortWaitMs ? [{ change, ms: judgement.ms }] : [],
  );
  if (waits.length === 0) return [...handled];
  await deps.clock.sleep(Math.max(...waits.map(({ ms }) => ms)), batch.signal);
  const repeated = await readAndWrite(
    deps,
    batch,
    waits.map(({ change }) => change),
    true,
  );
  const byChange = new Map(repeated.map((one) => [one.change, one]));
  return handled.map((one) => byChange.get(one.change) ?? one);
}

const refOf = ({ type, id }: ObjectChange): ObjectRef => ({ type, id });
