import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withConnections } from '../../../src/cli/connected.ts';
import { noteRunning } from '../../../src/cli/running.ts';
import { startLocalStack, type LocalStack } from '../../../src/local/stack.ts';
import { silentLog } from '../../../src/ops/log.ts';

let dataDir: string;
let stack: LocalStack & { close(): Promise<void> };
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'connected-'));
  const parts = ['graph', 'serviceBus', 'mongo'] as const;
  stack = await startLocalStack({ parts, queues: ['changes'], users: 3, groups: 1 }, silentLog);
});
afterAll(async () => {
  await stack.close();
  await rm(dataDir, { recursive: true });
});

const env = () => ({ DATA_DIR: dataDir, SERVICEBUS_QUEUE: 'changes' });

describe('a command of an operator', () => {
  it('works on the local servers of the mirror that runs', async () => {
    const forget = await noteRunning(dataDir, 'http://127.0.0.1:1', stack);
    const found = await withConnections(env(), async ({ tenantId, graphOf, mirror, publisher }) => {
      const { objects } = await graphOf(tenantId).listPage('user', undefined, 'audit');
      await mirror.tenants.connect(tenantId, {});
      const receivedAt = new Date().toISOString();
      const change = { type: 'user', id: 'a', changeType: 'updated', origin: 'hint' } as const;
      await publisher.publish(tenantId, [{ ...change, receivedAt, attempt: 0 }]);
      return { tenantId, users: objects.length };
    });
    expect(found).toEqual({ tenantId: stack.graph!.tenantId, users: 3 });
    await forget();
  });

  it('says what to do where none runs', async () => {
    await expect(withConnections(env(), () => Promise.resolve())).rejects.toThrow(
      `No mirror with local servers runs here (DATA_DIR ${dataDir}): start one with "npm start", or set GRAPH_BASE_URL, SERVICEBUS_CONNECTION_STRING, MONGODB_URI.`,
    );
  });

  it('is not misled by what a killed process left behind', async () => {
    const gone = { url: 'http://127.0.0.1:1', pid: 2 ** 30, mongo: { uri: 'mongodb://nowhere' } };
    await writeFile(join(dataDir, 'running.json'), JSON.stringify(gone));
    await expect(withConnections(env(), () => Promise.resolve())).rejects.toThrow('npm start');
  });
});
