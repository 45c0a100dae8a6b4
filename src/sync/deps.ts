import type { PublishChanges } from '../change.ts';
import type { Graph } from '../graph/types.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import type { Clock } from '../ops/clock.ts';
import type { Figures } from '../ops/figures.ts';
import type { Log } from '../ops/log.ts';
import type { Timings } from '../ops/timings.ts';
import type { Tracer } from '../ops/trace.ts';

/** What everything that synchronises needs. */
export interface SyncDeps {
  graphOf: (tenantId: string) => Graph;
  mirror: Mirror;
  publish: PublishChanges;
  clock: Clock;
  timings: Timings;
  figures: Figures;
  tracer: Tracer;
  log: Log;
  /** Name of this process among those that take leases. */
  holder: string;
}
