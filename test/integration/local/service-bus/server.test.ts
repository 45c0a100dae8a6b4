import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startLocalServiceBus,
  type LocalServiceBus,
} from '../../../../src/local/service-bus/server.ts';
import { connect, receiveOne } from './support.ts';

const configFile = 'infra/service-bus/config.json';
const open: LocalServiceBus[] = [];
let dataDir: string;

async function start(
  options: Parameters<typeof startLocalServiceBus>[0],
): Promise<LocalServiceBus> {
  const bus = await startLocalServiceBus(options);
  open.push(bus);
  return bus;
}

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'service-bus-server-'));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
});

afterAll(() => rmSync(dataDir, { recursive: true }));

describe('starting the local Service Bus', () => {
  it("takes the queues of the emulator's file", async () => {
    const bus = await start({ configFile });
    const client = connect(bus);
    await client.createSender('directory-changes').sendMessages({ body: 'hello' });
    const message = await receiveOne(client.createReceiver('directory-changes'));
    const lockedForMs = (message.lockedUntilUtc?.getTime() ?? 0) - Date.now();
    expect(lockedForMs).toBeGreaterThan(4 * 60_000);
    expect(message.timeToLive).toBe(3_600_000);
    await client.close();
  });

  it('lets a program change a queue of the file', async () => {
    const bus = await start({
      configFile,
      queues: [{ name: 'directory-changes', timeToLiveMs: 5_000 }],
    });
    const client = connect(bus);
    await client.createSender('directory-changes').sendMessages({ body: 'hello' });
    const message = await receiveOne(client.createReceiver('directory-changes'));
    expect(message.timeToLive).toBe(5_000);
    await client.close();
  });

  it('fails on a port that is taken and gives the data folder back', async () => {
    const { port } = await start({});
    await expect(start({ port, dataDir })).rejects.toThrow(/EADDRINUSE/);
    await start({ dataDir });
  });

  it('names the queues that there are to whoever asks for another', async () => {
    const bus = await start({ queues: [{ name: 'a' }, { name: 'b' }] });
    expect(() => bus.queue('c')).toThrow('There is no queue c; there are: a, b.');
  });
});
