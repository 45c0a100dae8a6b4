import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalServiceBus } from '../../src/local/service-bus/server.ts';
import type { Served } from '../support/child.ts';

/** The local broker, which accepts a message once it is on the disk; with `forgetMs` nobody has to empty it. */
export async function open({ forgetMs }: { forgetMs?: number }): Promise<Served> {
  const dataDir = await mkdtemp(join(tmpdir(), 'entra-mirror-bench-'));
  const queue = { name: 'directory-changes', lockMs: 300_000, maxDeliveryCount: 100 };
  const forgets = forgetMs ? { timeToLiveMs: forgetMs, deadLetterOnExpiration: false } : {};
  const server = await startLocalServiceBus({ dataDir, queues: [{ ...queue, ...forgets }] });
  return {
    ready: { connectionString: server.connectionString },
    calls: { counts: () => server.queue(queue.name).counts },
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
