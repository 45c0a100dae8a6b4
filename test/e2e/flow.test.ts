import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ users: 40, groups: 6 });
  await stack.live();
});
afterAll(() => stack.close());

const state = async (id: string) => {
  const found = (await stack.user(id)) ?? (await stack.group(id));
  return found?.mirror.state;
};
const anyUser = (index: number) => stack.directory.snapshot().users[index]!.id;
const anyGroup = (index: number) => stack.directory.snapshot().groups[index]!.id;

describe('a mirrored directory', () => {
  it('equals its source after the load', async () => {
    await stack.equal();
  });

  it('shows a changed person a moment later, and says when it was announced', async () => {
    const id = anyUser(5);
    stack.directory.updateUser(id, { jobTitle: 'Cartographer' });
    const found = await until(async () => {
      const user = await stack.user(id);
      return user?.['jobTitle'] === 'Cartographer' ? user : undefined;
    });
    expect(found.mirror.lastNotifiedAt).toBeInstanceOf(Date);
    expect(found.mirror.revision).toBe(2);
  });

  it('shows a new person, a new group and its members', async () => {
    const person = stack.directory.createUser({
      userPrincipalName: 'nova@example.com',
      displayName: 'Nova Lind',
    });
    const group = stack.directory.createGroup({ displayName: 'Observatory' });
    stack.directory.addMember(group, person);
    stack.directory.addOwner(group, person);
    await until(() =>
      stack.connections.db
        .collection('memberships')
        .findOne({ groupId: group, memberId: person, kind: 'owner', present: true }),
    );
    await stack.equal();
  });

  it('makes a deleted person a tombstone, brings a restored one back and keeps a purged one as purged', async () => {
    const id = anyUser(7);
    stack.directory.deleteUser(id);
    await until(async () => (await state(id)) === 'softDeleted');
    stack.directory.restore(id);
    await until(async () => (await state(id)) === 'active');
    stack.directory.deleteUser(id);
    stack.directory.purge(id);
    await until(async () => (await state(id)) === 'purged');
    await stack.equal();
  });

  it('keeps the memberships of a soft-deleted group and ends those of a purged one', async () => {
    const id = anyGroup(1);
    stack.directory.deleteGroup(id);
    await until(async () => (await state(id)) === 'softDeleted');
    stack.directory.purge(id);
    await until(async () => (await state(id)) === 'purged');
    const present = { groupId: id, present: true };
    await until(
      async () =>
        (await stack.connections.db.collection('memberships').countDocuments(present)) === 0,
    );
    await stack.equal();
  });

  it('follows managers as they are set, changed and cleared', async () => {
    const [id, first, second] = [anyUser(11), anyUser(1), anyUser(2)];
    for (const manager of [first, second]) {
      stack.directory.setManager(id, manager);
      await until(async () => (await stack.user(id))?.['managerId'] === manager);
    }
    stack.directory.clearManager(id);
    await until(async () => (await stack.user(id))?.['managerId'] === null);
  });

  it('follows members as they come and go', async () => {
    const group = anyGroup(0);
    const person = stack.directory.createUser({ displayName: 'Juno Ek' });
    const edge = { groupId: group, memberId: person, kind: 'member' };
    const presence = async () =>
      (await stack.connections.db.collection('memberships').findOne(edge))?.['present'] as unknown;
    stack.directory.addMember(group, person);
    await until(async () => (await presence()) === true);
    stack.directory.removeMember(group, person);
    await until(async () => (await presence()) === false);
  });

  it('answers for its health, its readiness and its state', async () => {
    const get = async (path: string) => {
      const answer = await fetch(`${stack.running.url}${path}`);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    const { body } = await get('/status');
    expect(body).toMatchObject({ state: 'live', queue: { deadLettered: 0 } });
    expect(body['tenants']).toMatchObject([
      {
        subscriptions: [{ resource: 'users' }, { resource: 'groups' }],
        loss: { announced: expect.any(Number), lost: 0, rate: 0, isHigh: false },
        lagMs: { p50: expect.any(Number) },
        delayMs: { p50: expect.any(Number) },
        holds: [],
      },
    ]);
  });
});
