const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Every wait that the rules of the mirror name, in milliseconds. Tests shorten them. */
export const defaultTimings = {
  /** How long Graph's replicas may lag: links overlap by it, and evidence of absence needs two looks this far apart. */
  replicationMs: 15 * minute,
  /** A read that showed nothing new is repeated after this. */
  secondLookMs: 30 * second,
  /** A result older than this is not written but read again. */
  staleReadMs: 5 * minute,
  sweepEveryMs: 5 * minute,
  /** Least time between two rounds of the groups reader. */
  roundGapMs: second,
  /** How often the scheduler looks for requests to the groups reader that nobody serves. */
  readerCheckMs: 10 * second,
  renewalCheckMs: 30 * second,
  /** How often what the broker itself dead-lettered is looked for. */
  replayEveryMs: minute,
  /** How long a stopping process still serves while it says that it is not ready. */
  drainMs: 5 * second,
  /** How often a token is asked for where a customer has consented and Entra has not spread it yet. */
  consentCheckMs: 5 * second,
  /** How often it is checked that no fence is above its counter. */
  counterCheckMs: 24 * hour,
  /** How often the receiver is asked by its public address, and how long it may be silent until that is a gap. */
  receptionCheckMs: minute,
  receptionLimitMs: 10 * minute,
  /** A removed tenant's documents go after this: longer than any batch lives. */
  removalWaitMs: 10 * minute,
  /** How often a process looks who else spends a tenant's quota, while nobody does. */
  quotaCheckMs: second / 2,
  /** How long a lease lives without being renewed. */
  leaseMs: 30 * second,
  /** An unfinished load or full pass older than this starts again. */
  passMaxMs: 24 * hour,
  /** Delta links are kept this long, counted back from the last finished sweep. */
  linkKeepMs: 24 * hour,
  /** Of the links kept, one in so long, and the newest. */
  linkSpacingMs: 5 * minute,
  /** Tombstones of purged objects and ended edges are kept this long. */
  tombstoneKeepMs: 30 * 24 * hour,
  /** Removals of a tenant or a group within this are counted together; too many are held. */
  removalWindowMs: hour,
  /** A hold that nobody decided is approved after this. */
  holdReleaseMs: Infinity,
  /** From one audit to the next. */
  auditEveryMs: 7 * 24 * hour,
};
export type Timings = typeof defaultTimings;
