import type { Checkpoint, TenantPhase } from '../mirror/types.ts';
import type { Timings } from '../ops/timings.ts';

/**
 * What one type of a tenant needs next. `begin`: a load or full pass, from the start; `walk`: the next
 * piece of it; `walkAgain`: its second walk.
 */
export type Step = 'begin' | 'sweep' | 'walk' | 'walkAgain' | 'rest';

/** Sweeps go before the pages of a pass, so that a long pass does not let changes wait. */
export function nextStep(
  checkpoint: Checkpoint | undefined,
  at: { now: Date; shape: string; timings: Timings },
): Step {
  const { now, shape, timings } = at;
  const pass = checkpoint?.pass;
  if (!checkpoint || !pass || checkpoint.passRequested !== undefined) return 'begin';
  if (checkpoint.shape !== shape) return 'begin';
  const isDone = pass.stage === 'done';
  const sinceMs = (then: Date) => now.getTime() - then.getTime();
  if (!isDone && sinceMs(pass.startedAt) > timings.passMaxMs) return 'begin';
  if (sweepIsDue(checkpoint, pass, sinceMs, timings)) return 'sweep';
  if (!isDone) return 'walk';
  return mayHaveMissed(pass, timings) && sinceMs(pass.link.at) >= timings.replicationMs
    ? 'walkAgain'
    : 'rest';
}

type Pass = NonNullable<Checkpoint['pass']>;

function sweepIsDue(
  { sweptAt, sweepRequestedAt }: Checkpoint,
  pass: Pass,
  sinceMs: (then: Date) => number,
  timings: Timings,
): boolean {
  if (sinceMs(sweptAt ?? pass.link.at) >= timings.sweepEveryMs) return true;
  if (pass.stage !== 'done') return false;
  return sweptAt === undefined || sweepRequestedAt !== undefined;
}

/** A walk that began while replicas may not have had all that came before its link. */
const mayHaveMissed = ({ startedAt, link }: Pass, { replicationMs }: Timings) =>
  startedAt.getTime() - link.at.getTime() < replicationMs;

/** How far a tenant's start has come, by the checkpoints of its users and groups. */
export function phaseOf(
  checkpoints: readonly (Checkpoint | undefined)[],
): Exclude<TenantPhase, 'subscribing'> {
  const isLoaded = (checkpoint: Checkpoint | undefined) => (checkpoint?.pass?.walks ?? 0) > 0;
  if (!checkpoints.every(isLoaded)) return 'loading';
  return checkpoints.every((checkpoint) => checkpoint?.sweptAt) ? 'live' : 'sweeping';
}
