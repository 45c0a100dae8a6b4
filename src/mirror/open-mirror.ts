import type { Db } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { defaultTimings } from '../ops/timings.ts';
import * as audits from './audits.ts';
import * as checkpoints from './checkpoints.ts';
import { collectionsOf } from './collections.ts';
import { counts } from './counts.ts';
import { exchangeDemands } from './demands.ts';
import { bind, type MirrorDeps } from './deps.ts';
import * as dueEdges from './due-edges.ts';
import * as edges from './edges.ts';
import * as erasures from './erasures.ts';
import * as fences from './fences.ts';
import { beat, heartbeats } from './figures.ts';
import { ensureIndexes } from './indexes.ts';
import * as holds from './holds.ts';
import * as leases from './leases.ts';
import * as objects from './objects.ts';
import { defaultRemovalLimits, type RemovalLimits } from './removal-limit.ts';
import { takeLosses } from './losses.ts';
import { now } from './server-time.ts';
import * as streams from './streams.ts';
import * as directory from './people-and-groups.ts';
import { changedAfter, scimCandidates, scimFigures } from './scim-candidates.ts';
import { removeScimTraces, writeScimEdges } from './scim-edges.ts';
import { writeAlone } from './scim-alone.ts';
import { attachFacet } from './scim-attach.ts';
import * as tenants from './tenants.ts';
import * as workLists from './work-lists.ts';

export type Mirror = Awaited<ReturnType<typeof openMirror>>;

/** The mirror in `db`, its indexes in place. Nothing of it lives outside MongoDB. */
export async function openMirror(options: {
  db: Db;
  log: Log;
  clock: Clock;
  tombstoneKeepMs?: number;
  linkKeepMs?: number;
  linkSpacingMs?: number;
  removalWindowMs?: number;
  removalLimits?: Partial<RemovalLimits>;
}) {
  const { db, log } = options;
  const collections = collectionsOf(db);
  const removalLimits = { ...defaultRemovalLimits, ...options.removalLimits };
  const deps: MirrorDeps = { ...defaultTimings, ...options, removalLimits, collections };
  await ensureIndexes(db);
  log.debug({ database: db.databaseName }, 'mirror opened');
  return {
    collections,
    tenants: bind(deps, tenants),
    ...bind(deps, { now, counts, beat, heartbeats, exchangeDemands, takeLosses }),
    holds: bind(deps, holds),
    ...bind(deps, fences),
    ...bind(deps, objects),
    ...bind(deps, edges),
    ...bind(deps, erasures),
    ...bind(deps, dueEdges),
    ...bind(deps, workLists),
    ...bind(deps, checkpoints),
    ...bind(deps, leases),
    ...bind(deps, streams),
    ...bind(deps, audits),
    ...bind(deps, { attachFacet, writeAlone, scimCandidates, scimFigures, changedAfter }),
    ...bind(deps, directory),
    ...bind(deps, { writeScimEdges, removeScimTraces }),
  };
}
