import type { Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import type { Collections } from './collections.ts';
import type { RemovalLimits } from './removal-limit.ts';

/** What the functions of the mirror work with; each takes it first. */
export interface MirrorDeps {
  db: Db;
  collections: Collections;
  clock: Clock;
  /** How long tombstones of purged objects and ended edges are kept. */
  tombstoneKeepMs: number;
  /** How long delta links are kept, counted back from the last finished sweep. */
  linkKeepMs: number;
  /** Of those, one in so long is kept. */
  linkSpacingMs: number;
  /** How long removals are counted together. */
  removalWindowMs: number;
  removalLimits: RemovalLimits;
}

type Bound<Functions> = {
  [Name in keyof Functions]: Functions[Name] extends (
    deps: MirrorDeps,
    ...rest: infer Rest
  ) => infer Result
    ? (...rest: Rest) => Result
    : never;
};

/** The same functions with their first argument given. */
export function bind<
  Functions extends Record<string, (deps: MirrorDeps, ...rest: never[]) => unknown>,
>(deps: MirrorDeps, functions: Functions): Bound<Functions> {
  const bound = Object.entries(functions).map(([name, run]) => [name, run.bind(undefined, deps)]);
  return Object.fromEntries(bound) as Bound<Functions>;
}
