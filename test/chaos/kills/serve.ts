import { startLocalGraph } from '../../../src/local/graph/server.ts';
import { startLocalMongo } from '../../../src/local/mongo/server.ts';
import { startLocalServiceBus } from '../../../src/local/service-bus/server.ts';
import { queueName, type Part } from './parts.ts';

/** One local server as a process of its own, which tells the parent how it is reached. */
export async function serve(part: Part, seed: number): Promise<void> {
  process.on('disconnect', () => process.exit());
  process.send?.(await start[part](seed));
}

const start: Record<Part, (seed: number) => Promise<Record<string, string>>> = {
  graph: async (seed) => {
    const { tenantId, url } = await startLocalGraph({ users: 200, groups: 20, seed });
    return { AZURE_TENANT_ID: tenantId, GRAPH_BASE_URL: url };
  },
  mongo: async () => ({ MONGODB_URI: (await startLocalMongo()).uri }),
  // A killed worker's messages come back when their locks end: after minutes, were it not for this.
  queue: async () => {
    const queue = { name: queueName, lockMs: 5_000, maxDeliveryCount: 100 };
    const { connectionString } = await startLocalServiceBus({ queues: [queue] });
    return { SERVICEBUS_CONNECTION_STRING: connectionString, SERVICEBUS_QUEUE: queueName };
  },
};
