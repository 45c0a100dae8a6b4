import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { propertyTable } from '../../src/graph/properties.ts';
import { openMongo } from '../../src/mirror/connect.ts';
import { compare, type Source } from '../../src/proof/compare.ts';
import { startProgram, untilLive } from '../support/mirror-process.ts';
import { until } from '../support/until.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'entra-mirror-start-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const startAll = () =>
  startProgram(['start', '--users', '60', '--groups', '8', '--rate', '20'], {
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
  });

/** Passes begun so far, and what differs, asked of the running local servers themselves. */
async function look() {
  const { mongo, graph } = await untilLive(dataDir);
  const { db, close } = await openMongo({ uri: mongo.uri, database: 'entra_mirror' });
  try {
    const snapshot = new URL('/__local/snapshot', graph.baseUrl);
    const source = (await (await fetch(snapshot)).json()) as Source;
    const read = (name: string) => db.collection(name).find({ tenantId: graph.tenantId });
    const differences = await compare(source, read, propertyTable());
    const passes = await db.collection('checkpoints').find().sort({ _id: 1 }).toArray();
    return {
      differences,
      passes: passes.map((one) => (one['pass'] as { startedAt: Date }).startedAt),
    };
  } finally {
    await close();
  }
}

describe('npm start', () => {
  it('drains on Ctrl-C and leaves 0, and started again goes on where it was, without a reload', async () => {
    const first = startAll();
    await untilLive(dataDir);
    const { passes } = await look();
    expect(await first.stop('SIGINT')).toBe(0);

    const second = startProgram(['start', '--users', '60', '--groups', '8', '--rate', '0'], {
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
    });
    const again = await until(
      async () => {
        const found = await look();
        return found.differences.length === 0 ? found : undefined;
      },
      { timeoutMs: 90_000, everyMs: 200 },
    );
    expect(again.passes).toEqual(passes);
    expect(await second.stop('SIGTERM')).toBe(0);
  }, 200_000);

  it('names every missing setting and exits with 1 where a real tenant is given half of what it needs', async () => {
    const refused = startProgram(['start', 'receiver'], {
      AZURE_TENANT_ID: '1',
      DATA_DIR: dataDir,
    });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(/SERVICEBUS[\s\S]*MONGODB_URI[\s\S]*PUBLIC_URL/);
  });

  it('says which port is taken and what to do', async () => {
    const holder = startAll();
    const { url } = await untilLive(dataDir);
    const other = await mkdtemp(join(tmpdir(), 'entra-mirror-port-'));
    const refused = startProgram(['start'], { PORT: new URL(url).port, DATA_DIR: other });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toContain('is in use: stop what listens there, or set PORT');
    expect(await holder.stop()).toBe(0);
    await rm(other, { recursive: true, force: true });
  });

  it('understands no other command, and says so with 2', async () => {
    const wrong = startProgram(['begin'], { DATA_DIR: dataDir });
    expect(await wrong.exited).toBe(2);
  });
});
