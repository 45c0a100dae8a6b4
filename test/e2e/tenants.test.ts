import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createProgram } from '../../src/cli/program.ts';
import type { LocalTenant } from '../../src/local/graph/server.ts';
import { noFaults } from '../../src/local/graph/faults.ts';
import type { Tenant } from '../../src/mirror/tenants.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const second = '0a1b2c3d-0000-4000-8000-000000000002';
const third = '0a1b2c3d-0000-4000-8000-000000000003';

let stack: TestStack;
let other: LocalTenant;
beforeAll(async () => {
  stack = await startTestStack({ users: 12, groups: 2, timings: { removalWaitMs: 500 } });
  other = stack.graph.addTenant(second, { users: 8, groups: 2, seed: 5 });
  await stack.live();
});
afterAll(() => stack.close());
jest.setTimeout(200_000);

const printed = jest.spyOn(process.stdout, 'write');
afterEach(() => void printed.mockReset());

/** What the command prints as JSON. */
async function tenants<T>(...argv: string[]): Promise<T> {
  const { local, config } = stack.connections;
  const env = {
    AZURE_TENANT_ID: stack.connections.tenantId,
    GRAPH_BASE_URL: stack.graph.url,
    MONGODB_URI: process.env['MONGODB_URI'] ?? local!.mongo!.uri,
    MONGODB_DATABASE: config.database,
    SERVICEBUS_CONNECTION_STRING:
      process.env['SERVICEBUS_CONNECTION_STRING'] ?? local!.serviceBus!.connectionString,
    LOG_LEVEL: 'silent',
  };
  printed.mockReturnValue(true);
  await createProgram({ env }).parseAsync(['node', 'entra-mirror', 'tenants', ...argv, '--json']);
  return JSON.parse(printed.mock.lastCall![0] as string) as T;
}

const tenant = async (id: string) => (await stack.connections.mirror.tenants.find(id))!;
const advice = async (id: string) => (await tenant(id)).degraded ?? '';
const phase = async (id: string) => (await tenant(id)).phase;
const city = async (id: string) => (await stack.user(id))?.['city'];
const held = (tenantId: string) =>
  stack.connections.mirror.collections.objects.user.countDocuments({ tenantId });

/** A change of somebody in the first tenant arrives. */
async function expectServed() {
  const [{ id } = { id: '' }] = stack.directory.snapshot().users;
  const wanted = randomUUID();
  stack.directory.updateUser(id, { city: wanted });
  await until(async () => (await city(id)) === wanted);
}

describe('tenants', () => {
  it('are added while the mirror runs, each with its own subscriptions and checkpoints', async () => {
    const added = await tenants<Tenant>('add', second, '--client-id', 'app-2', '--units', '8000');
    expect(added).toMatchObject({
      state: 'served',
      connection: { clientId: 'app-2', unitsPer10s: 8_000 },
    });
    await until(async () => (await phase(second)) === 'live', { timeoutMs: 60_000 });
    expect(await held(second)).toBe(8);
    const subscribed = await stack.connections.subscriptions.of(second);
    expect(subscribed.filter(({ state }) => state === 'active')).toHaveLength(2);
    const someone = other.directory.snapshot().users[0]!.id;
    other.directory.updateUser(someone, { city: 'Elsewhere' });
    await until(async () => (await city(someone)) === 'Elsewhere');
    await stack.equal();
  });

  it('whose secret is missing or wrong say what to do, and recover once it is mended', async () => {
    await tenants('add', third, '--secret-env', 'NOT_SET_ANYWHERE');
    await until(async () => (await advice(third)).includes('Set NOT_SET_ANYWHERE'));
    const setFault = (refusesTokens: boolean) =>
      fetch(new URL(`/__local/faults?tenant=${third}`, stack.graph.url), {
        method: 'PATCH',
        body: JSON.stringify({ refusesTokens }),
      });
    await setFault(true);
    await tenants('add', third);
    await until(async () => (await advice(third)).includes('client secret is wrong'));
    const { tenants: shown } = await stack.running.status();
    expect(shown.find(({ id }) => id === third)?.degraded).toContain('client secret is wrong');
    await setFault(false);
    await until(async () => (await phase(third)) === 'live', { timeoutMs: 60_000 });
    expect(await advice(third)).toBe('');
    await tenants('remove', third);
  });

  it('Invariant 8: one tenant’s trouble is its own', async () => {
    const someone = other.directory.snapshot().users[1]!.id;
    const troubles = [
      { throttleRate: 1 },
      { forbidden: true },
      { expiredTokenRate: 1 },
      { errorRate: 1 },
      { silenceRate: 1 },
    ];
    for (const trouble of troubles) {
      Object.assign(other.faults, noFaults(), trouble);
      other.directory.updateUser(someone, { city: JSON.stringify(trouble) });
      await stack.connections.mirror.requestSweep(second);
      await expectServed();
    }
    expect((await tenant(stack.connections.tenantId)).degraded).toBeUndefined();
    Object.assign(other.faults, noFaults());
  });

  it('whose consent is withdrawn say so, and recover once it is given', async () => {
    other.faults.forbidden = true;
    await stack.connections.mirror.requestSweep(second);
    // A sweep that met the silence before waits for its answer until its deadline, 30 s.
    const patient = { timeoutMs: 90_000 };
    await until(async () => (await advice(second)).includes('consent'), patient);
    await expectServed();
    other.faults.forbidden = false;
    await until(async () => (await advice(second)) === '', patient);
  }, 240_000);

  it('that are paused drop what is announced, and sweep it when they are resumed', async () => {
    await tenants('pause', second);
    const someone = other.directory.snapshot().users[2]!.id;
    other.directory.updateUser(someone, { city: 'Unseen' });
    await until(() => stack.running.worker!.stats.inHand === 0);
    expect(await city(someone)).not.toBe('Unseen');
    expect(await tenants<Tenant>('resume', second)).toMatchObject({ state: 'served' });
    await until(async () => (await city(someone)) === 'Unseen');
  });

  it('rule 4.3: that are removed draw no token at once, and leave nothing but id and counter', async () => {
    const counter = await stack.connections.mirror.currentToken(second);
    expect(await tenants<Tenant>('remove', second)).toMatchObject({ state: 'removing' });
    await expect(stack.connections.mirror.drawToken(second)).rejects.toThrow('being removed');
    await until(async () => (await tenant(second)).state === 'removed');
    for (const name of ['users', 'groups', 'memberships', 'checkpoints', 'subscriptions'])
      expect(await stack.connections.db.collection(name).countDocuments({ tenantId: second })).toBe(
        0,
      );
    expect(other.tenant.subscriptions.list()).toEqual([]);
    expect(await stack.connections.mirror.currentToken(second)).toBeGreaterThanOrEqual(counter);
    await expect(tenants('pause', second)).rejects.toThrow('only "add" brings it back');
    await expectServed();
  });

  it('come back with the numbers that follow', async () => {
    const counter = await stack.connections.mirror.currentToken(second);
    await tenants('add', second);
    await until(async () => (await phase(second)) === 'live', { timeoutMs: 60_000 });
    expect(await held(second)).toBe(other.directory.snapshot().users.length);
    expect(await stack.connections.mirror.currentToken(second)).toBeGreaterThan(counter);
  });
});
