import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLocalMongo, type LocalMongo } from '../../src/local/mongo/server.ts';
import { freePort } from '../chaos/free-port.ts';
import { startProgram } from '../support/mirror-process.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
let mongo: LocalMongo | undefined;
beforeAll(async () => {
  stack = await startTestStack({ users: 4, groups: 1, roles: [] });
});
afterAll(async () => {
  await mongo?.close();
  await stack.close();
});

/** All roles as a process of its own, on Graph and Service Bus of the stack and a MongoDB at this port. */
function startProcess(port: number, mongoPort: number) {
  const { connections, graph } = stack;
  return startProgram(['start'], {
    AZURE_TENANT_ID: connections.tenantId,
    GRAPH_BASE_URL: graph.url,
    MONGODB_URI: `mongodb://127.0.0.1:${mongoPort}/?directConnection=true&serverSelectionTimeoutMS=500`,
    SERVICEBUS_CONNECTION_STRING:
      process.env['SERVICEBUS_CONNECTION_STRING'] ??
      connections.local!.serviceBus!.connectionString,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
  });
}

describe('a process that is started before MongoDB', () => {
  it('is alive, not ready, says what it waits for, shakes hands, and goes on when it comes', async () => {
    const [port, mongoPort] = [await freePort(), await freePort()];
    const one = startProcess(port, mongoPort);
    const ask = (path: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method });
    const ready = () =>
      until(async () => (await (await ask('/readyz')).json()) as object, { timeoutMs: 60_000 });
    expect(await ready()).toEqual({ ready: false, parts: { running: true, mongodb: false } });
    expect((await ask('/readyz')).status).toBe(503);
    expect((await ask('/healthz')).status).toBe(200);
    const shaken = await ask('/notifications?validationToken=hello', 'POST');
    expect(await shaken.text()).toBe('hello');
    expect((await ask('/notifications', 'POST')).status).toBe(503);
    await until(() => one.output().includes('MongoDB does not answer yet: waiting for it'));

    mongo = await startLocalMongo({ port: mongoPort });
    await until(async () => (await ask('/readyz')).status === 200, { timeoutMs: 60_000 });
    expect(await one.stop()).toBe(0);
  }, 150_000);

  it('waits for Service Bus too, and shakes hands meanwhile', async () => {
    const { serviceBus } = stack.connections.local!;
    serviceBus?.inject.pause();
    const port = await freePort();
    const one = startProcess(port, mongo!.port);
    const ask = (path: string, method = 'GET') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method });
    await until(
      async () => {
        const { parts } = (await (await ask('/readyz')).json()) as { parts: object };
        return JSON.stringify(parts) === '{"running":true,"mongodb":true,"queue":false}';
      },
      { timeoutMs: 60_000 },
    );
    const shaken = await ask('/notifications?validationToken=hello', 'POST');
    expect(await shaken.text()).toBe('hello');
    serviceBus?.inject.resume();
    await until(async () => (await ask('/readyz')).status === 200, { timeoutMs: 60_000 });
    expect(await one.stop()).toBe(0);
  }, 150_000);

  it('ends at SIGTERM with 0, though it waits', async () => {
    const [port, mongoPort] = [await freePort(), await freePort()];
    const one = startProcess(port, mongoPort);
    await until(() => fetch(`http://127.0.0.1:${port}/healthz`), { timeoutMs: 60_000 });
    expect(await one.stop()).toBe(0);
  }, 90_000);
});
