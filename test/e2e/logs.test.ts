import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/ops/log.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const lines: string[] = [];
let stack: TestStack;
beforeAll(async () => {
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: 'trace', destination });
  stack = await startTestStack({ users: 20, groups: 3, log });
  await stack.live();
});
afterAll(() => stack.close());

const secret = 'Xq7-secret-that-nobody-may-read';
const personal = 'Zephyrine Quillfeather';

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${stack.running.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('the log of a process that sees everything', () => {
  it('names no person and no secret, whatever happens', async () => {
    const { directory, connections } = stack;
    const { tenantId, subscriptions, publisher, local } = connections;

    const id = directory.createUser({
      displayName: personal,
      userPrincipalName: `${secret}@x.org`,
    });
    const group = directory.createGroup({ displayName: personal, description: secret });
    directory.addMember(group, id);
    await until(async () => (await stack.user(id))?.['displayName'] === personal);

    const [known] = await subscriptions.of(tenantId);
    const forged = {
      ...{ subscriptionId: known!.subscriptionId, tenantId, changeType: 'updated' },
      ...{ clientState: secret, resource: `Users/${personal}` },
      resourceData: { id: personal, displayName: personal },
    };
    await post('/notifications', { value: [forged, { clientState: secret }] });
    await post('/notifications', `{"value": [${secret}`);
    await post(`/notifications?validationToken=${secret}`, '');
    await post('/lifecycle', { value: [{ ...forged, lifecycleEvent: 'missed' }] });
    await fetch(`${stack.running.url}/status`, {
      headers: { authorization: `Bearer ${secret}`, 'x-forwarded-for': '203.0.113.9' },
    });

    await publisher.send([{ body: { version: 1, displayName: personal } }, { body: secret }]);
    local!.mongo?.inject.failNext('update', { closeConnection: 'after', times: 3 });
    directory.updateUser(id, { jobTitle: personal, mobilePhone: secret });
    // What meets the dead connections twice is parked for half a minute.
    await until(async () => (await stack.user(id))?.['jobTitle'] === personal);
    directory.deleteUser(id);
    await until(async () => (await stack.user(id))?.mirror.state === 'softDeleted');
    await until(() => lines.some((line) => line.includes('message dead-lettered')));

    const text = lines.join('');
    expect(lines.length).toBeGreaterThan(20);
    expect(text).toContain('notifications not queued');
    for (const word of [secret, personal, 'Zephyrine', 'Quillfeather'])
      expect(text).not.toContain(word);
    const names = directory
      .snapshot()
      .users.map(({ properties }) => String(properties['displayName']));
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  });

  it('names no token, no key and no clientState', () => {
    const text = lines.join('');
    expect(text).not.toMatch(/Bearer |SharedAccessKey=|client_secret|clientState/);
  });
});
