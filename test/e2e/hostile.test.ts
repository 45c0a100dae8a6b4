import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noteRunning } from '../../src/cli/running.ts';
import { auditTenant } from '../../src/sync/audit/audit.ts';
import { runCommand } from '../support/command.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
let dataDir: string;
beforeAll(async () => {
  stack = await startTestStack({ users: 10, groups: 3, timings: { replicationMs: 400 } });
  dataDir = await mkdtemp(join(tmpdir(), 'hostile-'));
  await noteRunning(dataDir, stack.running.url, stack.connections.local!);
  await stack.live();
}, 90_000);
afterAll(async () => {
  await stack.close();
  await rm(dataDir, { recursive: true });
});

const audit = () => {
  const { connections } = stack;
  const { publish } = connections.publisher;
  const { signal } = new AbortController();
  const deps = { ...connections, publish };
  return auditTenant(deps, connections.tenantId, { signal, repair: false });
};

const run = (...args: string[]) => runCommand(stack, dataDir, args);

/** Posts what Graph would send of a person, with the secret of the subscription that is in force. */
async function announce(id: string, changeType: string, from = ofUsers()) {
  const { tenantId } = stack.connections;
  const resourceData = { id, displayName: 'Forged', accountEnabled: false };
  const item = {
    ...{ subscriptionId: from.id, clientState: from.clientState, tenantId, changeType },
    ...{ resource: `Users/${id}`, resourceData },
  };
  const body = JSON.stringify({ value: [item] });
  const headers = { 'content-type': 'application/json' };
  const url = `${stack.running.url}/notifications`;
  return (await fetch(url, { method: 'POST', headers, body })).status;
}
const ofUsers = () =>
  stack.graph.tenant.subscriptions.list().find(({ resource }) => resource.includes('users'))!;
/** A notification was taken, and the read that it caused has been written. */
const isRead = (id: string, after: number) =>
  until(async () => {
    const found = await stack.user(id);
    return found && found.mirror.fence > after ? found : undefined;
  });

describe('a notification', () => {
  it('that is replayed causes a read and changes nothing', async () => {
    const { id } = stack.directory.snapshot().users[0]!;
    const before = (await stack.user(id))!;
    expect(await announce(id, 'updated')).toBe(202);
    const once = await isRead(id, before.mirror.fence);
    expect(await announce(id, 'updated')).toBe(202);
    const twice = await isRead(id, once.mirror.fence);
    expect(twice).toEqual({ ...before, mirror: expect.objectContaining({ revision: 1 }) });
  });

  it('made with a stolen clientState deletes nobody, and a rotation ends that secret', async () => {
    const { id } = stack.directory.snapshot().users[1]!;
    const before = (await stack.user(id))!;
    const stolen = ofUsers();
    expect(await announce(id, 'deleted')).toBe(202);
    const after = await isRead(id, before.mirror.fence);
    expect(after).toMatchObject({ displayName: before['displayName'], mirror: { revision: 1 } });
    await run('subscriptions', 'rotate');
    expect(ofUsers().clientState).not.toBe(stolen.clientState);
    const kept = JSON.stringify(
      await stack.connections.db.collection('subscriptions').find().toArray(),
    );
    expect(kept).not.toContain(ofUsers().clientState);
  });
});

describe('a poisoned object', () => {
  it('with odd names and odd Unicode is mirrored harmlessly, and the audit finds both sides equal', async () => {
    const lone = 'half \uD83D of a pair';
    const texts = { city: '\u202Etxt.exe\u202C', state: 'a\0b', department: lone, country: '👩‍💻 ﷽' };
    const names = JSON.parse(
      '{"__proto__":{"admin":true},"constructor":"c","$where":"1","a.b":"2","n\\u0000ul":"3","\\uD83D":"4"}',
    ) as object;
    const id = stack.directory.createUser({
      ...{ displayName: 'Robert\u2028', userPrincipalName: 'bobby@example.com', ...texts },
      onPremisesExtensionAttributes: names,
    });
    const held = await until(() => stack.user(id));
    expect(held).toMatchObject({ ...texts, department: 'half \uFFFD of a pair' });
    expect(held['onPremisesExtensionAttributes']).toEqual({
      ...{ constructor: 'c', '\uFF04where': '1', 'a\uFF0Eb': '2', nul: '3', '\uFFFD': '4' },
    });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(await audit()).toMatchObject({ differences: 0, unread: 0 });
  }, 90_000);

  it('too large for MongoDB is a dead letter alone, and explain says so', async () => {
    const [large, neighbour] = stack.directory.snapshot().groups.map(({ id }) => id);
    stack.directory.updateGroup(large!, { description: 'x'.repeat(17 * 1024 * 1024) });
    stack.directory.updateGroup(neighbour!, { description: 'beside it' });
    await until(async () => (await stack.group(neighbour!))?.['description'] === 'beside it');
    const words = await until(
      async () => {
        const explanation = await run('explain', large!);
        return explanation.includes('TooLarge') ? explanation : undefined;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
    expect(words).toContain('make it smaller in the directory, then "dead-letters replay');
    expect(await audit()).toMatchObject({
      differences: 1,
      listed: [{ of: 'groups', kind: 'different', id: large, properties: ['description'] }],
    });
  }, 90_000);
});
