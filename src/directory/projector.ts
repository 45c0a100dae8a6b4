import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Kind, StoredConnection, StoredResource } from '../scim/types.ts';
import { followGraph } from './follow-graph.ts';
import { projectMembers } from './project-members.ts';
import { projectObjects, type DirectoryDeps, type Projected } from './project-objects.ts';

const pollMs = 1_000;
const followEveryMs = 5_000;
/** What comes within this is done together: a look at what is due costs the same for one and for many. */
const gatherMs = 200;
const batch = 500;
/** A change of members younger than this is still being carried out by its request. */
const graceMs = 2_000;

type Deps = DirectoryDeps & { clock: Clock; log: Log };

/**
 * Brings the directory up to what SCIM sent: at once where this process took it, else within a second.
 * What is due is marked in the same write that changed it, so that nothing is lost; several processes
 * may do the same work twice, which changes nothing.
 */
export function createProjector(deps: Deps) {
  const { clock, log } = deps;
  const closing = new AbortController();
  const isOpen = () => !closing.signal.aborted;
  let waking = new AbortController();
  let followedAtMs = 0;
  const run = async () => {
    while (isOpen()) {
      try {
        if (clock.now() - followedAtMs >= followEveryMs) {
          followedAtMs = clock.now();
          await followGraph(deps);
        }
        for (let done = batch; isOpen() && done > 0;) {
          done = await projectDue(deps);
          if (done > 0 && done < batch) await clock.sleep(gatherMs, closing.signal);
        }
      } catch (error) {
        log.warn({ err: error }, 'SCIM is shown in the directory later');
      }
      await clock.sleep(pollMs, AbortSignal.any([closing.signal, waking.signal]));
      if (waking.signal.aborted) await clock.sleep(gatherMs, closing.signal);
      waking = new AbortController();
    }
  };
  const running = run();
  return {
    /** Something is due. */
    wake(): void {
      if (!waking.signal.aborted) waking.abort();
    },
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
}

/** How many of the kind of which most were done: more may be due. */
async function projectDue(deps: Deps): Promise<number> {
  const { store } = deps;
  const connections = new Map((await store.connections.list()).map((one) => [one._id, one]));
  const users = await projectKind(deps, 'User', connections);
  const groups = await projectKind(deps, 'Group', connections);
  const members = await store.members.due(batch);
  await projectMembers(deps, members);
  return Math.max(users, groups, members.length);
}

async function projectKind(
  deps: Deps,
  kind: Kind,
  connections: ReadonlyMap<string, StoredConnection>,
): Promise<number> {
  const due = await deps.store[kind].due(batch);
  const carriedOut: StoredResource[] = [];
  for (const record of due) if (await isCarriedOut(deps, record)) carriedOut.push(record);
  try {
    return await projectAll(deps, kind, connections, carriedOut);
  } catch (error) {
    if (carriedOut.length === 1) throw error;
    return oneByOne(deps, kind, connections, carriedOut);
  }
}

async function projectAll(
  { store, ...deps }: Deps,
  kind: Kind,
  connections: ReadonlyMap<string, StoredConnection>,
  records: readonly StoredResource[],
): Promise<number> {
  const projected = records.flatMap((record): Projected[] => {
    const connection = connections.get(record.connectionId);
    return connection ? [{ record, connection }] : [];
  });
  await projectObjects({ store, ...deps }, kind, projected);
  for (const { connectionId, id, live } of records) {
    if (!live) await store.members.endAllOf(connectionId, id);
  }
  await store[kind].settle(records);
  return records.length;
}

/** What cannot be shown does not keep the others from being shown. */
async function oneByOne(
  deps: Deps,
  kind: Kind,
  connections: ReadonlyMap<string, StoredConnection>,
  records: readonly StoredResource[],
): Promise<number> {
  let done = 0;
  for (const record of records) {
    try {
      done += await projectAll(deps, kind, connections, [record]);
    } catch (error) {
      deps.log.warn({ err: error, resource: record._id }, 'it is shown in the directory later');
    }
  }
  return done;
}

/** Carries on changes of members that a crash left behind; false while their request still may. */
async function isCarriedOut({ store, clock }: Deps, record: StoredResource): Promise<boolean> {
  const { pending = [], changedAt } = record;
  if (pending.length === 0 || !record.live) return true;
  if (clock.now() - changedAt.getTime() < graceMs) return false;
  for (const intent of pending) await store.members.carryOut(record, intent);
  return true;
}
