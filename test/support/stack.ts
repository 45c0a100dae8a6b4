import { randomUUID } from 'node:crypto';
import { readConfig } from '../../src/config.ts';
import { connect } from '../../src/connect.ts';
import { propertyTable } from '../../src/graph/properties.ts';
import { silentLog, type Log } from '../../src/ops/log.ts';
import { defaultTimings, type Timings } from '../../src/ops/timings.ts';
import { compare } from '../../src/proof/compare.ts';
import { roleNames, startRoles, type RoleName } from '../../src/roles/start.ts';
import { until } from './until.ts';

/** The rules' waits, short enough for a test in which no replica lags. */
const quickTimings: Timings = {
  ...defaultTimings,
  secondLookMs: 300,
  readerCheckMs: 200,
  roundGapMs: 50,
  renewalCheckMs: 1_000,
  replayEveryMs: 500,
  drainMs: 500,
  leaseMs: 5_000,
};

/** The whole program on local servers of its own, in memory. */
export async function startTestStack(
  options: {
    users?: number;
    groups?: number;
    seed?: number;
    roles?: readonly RoleName[];
    timings?: Partial<Timings>;
    publicUrl?: string;
    log?: Log;
    /** Settings besides. */
    env?: Record<string, string>;
  } = {},
) {
  const { users = 40, groups = 6, seed = 3, roles = roleNames } = options;
  const config = readConfig({
    PORT: '0',
    PUBLIC_URL: options.publicUrl,
    MONGODB_URI: process.env['MONGODB_URI'],
    MONGODB_DATABASE: `test_${randomUUID().slice(0, 8)}`,
    SERVICEBUS_CONNECTION_STRING: process.env['SERVICEBUS_CONNECTION_STRING'],
    SHUTDOWN_TIMEOUT_SECONDS: '10',
    ...options.env,
  });
  const connections = await connect(config, {
    log: options.log ?? silentLog,
    timings: { ...quickTimings, ...options.timings },
    company: { users, groups, seed },
    inMemory: true,
  });
  const graph = connections.local!.graph!;
  const running = await startRoles(roles, connections).catch(async (error: unknown) => {
    await connections.close();
    throw error;
  });
  const differences = () =>
    compare(
      graph.directory.snapshot(),
      (name) => connections.db.collection(name).find({ tenantId: connections.tenantId }),
      propertyTable(),
    );
  return {
    connections,
    running,
    graph,
    directory: graph.directory,
    differences,
    live: () => until(async () => (await running.status()).state === 'live', { timeoutMs: 60_000 }),
    /** Waits until mirror and source are equal. */
    equal: () =>
      until(
        async () => {
          const found = await differences();
          if (found.length > 0) throw new Error(JSON.stringify(found.slice(0, 5)));
          return true;
        },
        { timeoutMs: 60_000, everyMs: 50 },
      ),
    user: (id: string) => connections.mirror.collections.objects.user.findOne({ id }),
    group: (id: string) => connections.mirror.collections.objects.group.findOne({ id }),
    async close() {
      await running.close();
      await connections.db.dropDatabase();
      await connections.close();
    },
  };
}
export type TestStack = Awaited<ReturnType<typeof startTestStack>>;
