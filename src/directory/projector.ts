import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Kind, StoredConnection, StoredResource } from '../scim/types.ts';
import { followGraph } from './follow-graph.ts';
import { projectMembers } from './project-members.ts';
import { projectObject, type DirectoryDeps } from './project-object.ts';

const pollMs = 1_000;
const followEveryMs = 5_000;
/** What comes within this is done together: a look at what is due costs the same for one and for many. */
const gatherMs = 100;
const batch = 200;
const abreast = 8;
/** A change of members younger than this is still being carried out by its request. */
const graceMs = 2_000;

/**
 * Brings the directory up to what SCIM sent: at once where this process took it, else within a second.
 * What is due is marked in the same write that changed it, so that nothing is lost; several processes
 * may do the same work twice, which changes nothing.
 */
export function createProjector(deps: DirectoryDeps & { clock: Clock; log: Log }) {
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
        while (isOpen() && (await projectDue(deps)));
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
    wake: () => waking.abort(),
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
}

/** True where it did something, so that more may be due. */
async function projectDue(deps: DirectoryDeps & { clock: Clock }): Promise<boolean> {
  const { store } = deps;
  const connections = new Map((await store.connections.list()).map((one) => [one._id, one]));
  const users = await projectKind(deps, 'User', connections);
  const groups = await projectKind(deps, 'Group', connections);
  const members = await store.members.due(batch);
  await projectMembers(deps, members);
  return users || groups || members.length > 0;
}

async function projectKind(
  deps: DirectoryDeps & { clock: Clock },
  kind: Kind,
  connections: ReadonlyMap<string, StoredConnection>,
): Promise<boolean> {
  const due = await deps.store[kind].due(batch);
  let at = 0;
  let done = 0;
  const work = async () => {
    for (let record = due[at++]; record; record = due[at++]) {
      const connection = connections.get(record.connectionId);
      if (!(await isCarriedOut(deps, record))) continue;
      if (connection) await projectObject(deps, connection, kind, record);
      if (!record.live) await deps.store.members.endAllOf(record.connectionId, record.id);
      await deps.store[kind].settle(record);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: abreast }, work));
  return done > 0;
}

/** Carries on changes of members that a crash left behind; false while their request still may. */
async function isCarriedOut(
  { store, clock }: DirectoryDeps & { clock: Clock },
  record: StoredResource,
): Promise<boolean> {
  const { pending = [], changedAt } = record;
  if (pending.length === 0 || !record.live) return true;
  if (clock.now() - changedAt.getTime() < graceMs) return false;
  for (const intent of pending) await store.members.carryOut(record, intent);
  return true;
}
