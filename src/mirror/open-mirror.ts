import type { Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { defaultTimings } from '../ops/timings.ts';
import { createCheckpoints } from './checkpoints.ts';
import { collectionsOf } from './collections.ts';
import { createCounts } from './counts.ts';
import { createEdges } from './edges.ts';
import { createFences } from './fences.ts';
import { createHeartbeats } from './figures.ts';
import { ensureIndexes } from './indexes.ts';
import { createLeases } from './leases.ts';
import { createObjects } from './objects.ts';
import { createTenants } from './tenants.ts';
import { createWorkLists } from './work-lists.ts';

export type Mirror = Awaited<ReturnType<typeof openMirror>>;

/** The mirror in `db`, its indexes there. Nothing of it lives outside MongoDB. */
export async function openMirror(deps: {
  db: Db;
  log: Log;
  clock: Clock;
  tombstoneKeepMs?: number;
  linkKeepMs?: number;
}) {
  const { db, clock, log } = deps;
  const { tombstoneKeepMs = defaultTimings.tombstoneKeepMs } = deps;
  const { linkKeepMs = defaultTimings.linkKeepMs } = deps;
  await ensureIndexes(db);
  log.debug({ database: db.databaseName }, 'mirror opened');

  const collections = collectionsOf(db);
  const checkpoints = createCheckpoints({ db, collections, linkKeepMs });
  const { now } = checkpoints;
  return {
    ...createFences(collections),
    ...createObjects({ collections, clock, tombstoneKeepMs }),
    ...createEdges({ collections, clock, now, tombstoneKeepMs }),
    ...createWorkLists({ collections, now }),
    ...checkpoints,
    ...createLeases(collections),
    ...createCounts(collections),
    ...createHeartbeats({ collections, now }),
    tenants: createTenants({ collections, clock }),
    collections,
  };
}
