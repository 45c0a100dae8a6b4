import { afterEach, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../../../src/local/graph/random.ts';
import { until } from '../../../support/until.ts';
import { openClient, type Client } from './client.ts';
import { openWebhook } from './webhook.ts';

describe('a local Graph with a data folder', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function folder(): Promise<string> {
    const dataDir = await mkdtemp(join(tmpdir(), 'local-graph-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    return dataDir;
  }

  async function open(dataDir: string, users = 40): Promise<Client> {
    const client = await openClient({
      dataDir,
      users,
      groups: 20,
      deliveryTimes: { retryPauseMs: 10 },
    });
    closers.push(() => client.graph.close());
    return client;
  }

  const live = ({ graph }: Client) => {
    const random = createRandom(11);
    for (let change = 0; change < 100; change += 1) graph.directory.randomChange(random);
  };

  it('is the same after a stop and a start, and its delta links go on', async () => {
    const dataDir = await folder();
    const first = await open(dataDir);
    const latest = await first.get('/users/delta?$deltatoken=latest&$select=jobTitle');
    live(first);
    const snapshot = first.graph.directory.snapshot();
    const changed = (await first.all(String(latest.body['@odata.deltaLink']))).items;
    await first.graph.close();

    const second = await open(dataDir, 7);
    expect(second.graph.directory.snapshot()).toEqual(snapshot);
    const link = new URL(String(latest.body['@odata.deltaLink']));
    const replayed = await second.all(`/users/delta${link.search}`);
    expect(replayed.items).toEqual(changed);
    expect(second.graph.stats.requests).toBeGreaterThan(1);
    const id = second.graph.directory.createUser();
    expect(snapshot.users.map((user) => user.id)).not.toContain(id);
  });

  it('survives a crash in the middle of a write', async () => {
    const dataDir = await folder();
    const first = await open(dataDir);
    live(first);
    const snapshot = first.graph.directory.snapshot();
    const [journal] = (await readdir(dataDir)).filter((name) => name.endsWith('.ndjson'));
    await appendFile(join(dataDir, String(journal)), '{"event":{"seq');

    const second = await open(dataDir);
    expect(second.graph.directory.snapshot()).toEqual(snapshot);
    const id = second.graph.directory.createUser();
    await second.graph.close();
    const third = await open(dataDir);
    expect(third.graph.directory.now().active(id)?.id).toBe(id);
  });

  it('keeps its subscriptions, and sends what it could not deliver before', async () => {
    const dataDir = await folder();
    const webhook = await openWebhook();
    closers.push(() => webhook.close());
    const first = await open(dataDir);
    const { status } = await first.ask('POST', '/subscriptions', {
      changeType: 'updated',
      notificationUrl: webhook.url,
      resource: '/users',
      expirationDateTime: new Date(Date.now() + 86_400_000).toISOString(),
    });
    expect(status).toBe(201);
    const delivered = first.graph.directory.createUser();
    await until(() => webhook.items().length === 1);
    await until(() => first.graph.tenant.notifier.settledUpTo === 1);
    webhook.status = 503;
    const pending = first.graph.directory.createUser();
    await until(() => webhook.posts.length > 1);
    await first.graph.close();
    webhook.posts.length = 0;
    webhook.status = 202;

    await open(dataDir);
    await until(() => webhook.items().length > 0);
    const resources = webhook.items().map(({ resource }) => resource);
    expect(resources).toEqual([`Users/${pending}`]);
    expect(resources).not.toContain(`Users/${delivered}`);
  });
});
