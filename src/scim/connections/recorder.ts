import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import type { ConnectionStore } from '../store-connections.ts';
import { withCalls, type Calls } from './activity.ts';

/** One call as it is noted. */
export interface Call {
  connectionId: string;
  keyId?: string;
  /** What it wrote; undefined for a read. */
  wrote?: 'users' | 'groups' | 'members' | undefined;
  isTest: boolean;
  status: number;
}
export type Recorder = ReturnType<typeof createRecorder>;

const everyMs = 1_000;
const maxWaiting = 10_000;

/** Notes calls and writes what they sum up to about once a second, so that no call waits for it. */
export function createRecorder({
  connections,
  clock,
  log,
}: {
  connections: ConnectionStore;
  clock: Clock;
  log: Log;
}) {
  let waiting = new Map<string, Calls>();
  let used = new Map<string, { connectionId: string; at: Date }>();
  const closing = new AbortController();

  const flush = async () => {
    const [calls, keys] = [waiting, used];
    waiting = new Map();
    used = new Map();
    for (const [keyId, { connectionId, at }] of keys) {
      await connections.noteUse(connectionId, keyId, at);
    }
    for (const [connectionId, sum] of calls) await write(connections, connectionId, sum);
  };
  const run = (async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(everyMs, closing.signal);
      await flush().catch((error: unknown) => log.warn({ err: error }, 'calls not noted'));
    }
  })();
  return {
    note(call: Call): void {
      const at = new Date(clock.now());
      const { connectionId, keyId } = call;
      if (waiting.size >= maxWaiting) return;
      waiting.set(connectionId, added(waiting.get(connectionId) ?? none(at), call, at));
      if (keyId !== undefined) used.set(keyId, { connectionId, at });
    },
    flush,
    async close(): Promise<void> {
      closing.abort();
      await run;
    },
  };
}

const none = (at: Date): Calls => ({
  ...{ firstAt: at, lastAt: at },
  ...{ calls: 0, users: 0, groups: 0, members: 0, failures: 0 },
});

function added(sum: Calls, { wrote, status, isTest }: Call, at: Date): Calls {
  if (status === 401) return { ...sum, refusedAt: at };
  const one = (what: Call['wrote']) => (status < 400 && wrote === what ? 1 : 0);
  return {
    ...sum,
    ...{ lastAt: at, calls: sum.calls + 1 },
    ...{ users: sum.users + one('users'), groups: sum.groups + one('groups') },
    members: sum.members + one('members'),
    // A 404 for what was deleted meanwhile, or a 409, is an answer like any other to Entra's log.
    failures: sum.failures + (status >= 400 ? 1 : 0),
    ...(isTest && status === 200 && { testedAt: at }),
  };
}

async function write(connections: ConnectionStore, id: string, calls: Calls): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const connection = await connections.find(id);
    if (!connection) return;
    const { activity } = connection;
    if (await connections.setActivity(id, activity.version, withCalls(activity, calls))) return;
  }
}
