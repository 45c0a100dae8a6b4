import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../support/until.ts';
import { openClient, type Answer, type Client } from './client.ts';
import { openWebhook, type Webhook } from './webhook.ts';

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

describe('subscriptions of the local Graph', () => {
  let client: Client;
  let webhook: Webhook;

  beforeAll(async () => {
    client = await openClient({
      handshakeTimeoutMs: 150,
      deliveryTimes: { retryPauseMs: 10, firstTimeoutMs: 150, retryTimeoutMs: 2_000 },
    });
  });
  beforeEach(async () => {
    webhook = await openWebhook();
  });
  afterEach(async () => {
    for (const { id } of client.graph.tenant.subscriptions.list())
      client.graph.tenant.subscriptions.remove(id);
    await webhook.close();
  });
  afterAll(() => client.graph.close());

  const subscribe = (changes: Record<string, unknown> = {}): Promise<Answer> =>
    client.ask('POST', '/subscriptions', {
      changeType: 'updated,deleted',
      notificationUrl: webhook.url,
      lifecycleNotificationUrl: webhook.url,
      resource: '/users',
      expirationDateTime: inDays(2),
      clientState: 'secret',
      ...changes,
    });

  it('are created after both URLs have echoed the decoded token', async () => {
    const { status, body } = await subscribe();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      resource: '/users',
      changeType: 'updated,deleted',
      clientState: 'secret',
    });
    expect(webhook.validations).toHaveLength(2);
    expect(webhook.validations[0]).toContain('Validation: Testing');
  });

  it.each([
    ['answers 202', { status: 202 }, 'ValidationError'],
    ['answers JSON', { type: 'application/json' }, 'ValidationError'],
    ['echoes something else', { body: 'hello' }, 'ValidationError'],
    ['does not answer in time', { silent: true }, 'InvalidRequest'],
  ])('are refused with 400 where the endpoint %s', async (_, echo, code) => {
    webhook.echo = echo;
    expect(await subscribe()).toMatchObject({ status: 400, body: { error: { code } } });
    expect(client.graph.tenant.subscriptions.list()).toEqual([]);
  });

  it.each([
    ['created', { changeType: 'created' }, "Invalid 'changeType' attribute: 'created'."],
    ['an expiry beyond 29 days', { expirationDateTime: inDays(30) }, '41760 minutes in the future'],
    ['no expiry', { expirationDateTime: undefined }, 'expirationDateTime is a required property'],
    ['another resource', { resource: '/me/messages' }, 'is not supported'],
  ])('are refused with %s', async (_, changes, message) => {
    const { status, text } = await subscribe(changes);
    expect(status).toBe(400);
    expect(text).toContain(message);
  });

  it('exist once for each resource and change type', async () => {
    const first = await subscribe();
    const second = await subscribe({ resource: 'Users' });
    expect(second.status).toBe(409);
    expect(second.text).toContain(`Subscription Id ${String(first.body['id'])} already exists`);
    expect((await subscribe({ resource: '/groups' })).status).toBe(201);
  });

  it('are read, listed without secrets, renewed, reauthorized and deleted', async () => {
    const { body } = await subscribe({ expirationDateTime: inDays(0) });
    const path = `/subscriptions/${String(body['id'])}`;
    const raisedBy = Date.parse(String(body['expirationDateTime'])) - Date.now();
    expect(raisedBy / 60_000).toBeCloseTo(45, 0);
    expect((await client.get(path)).body).toMatchObject({ id: body['id'], clientState: null });
    expect((await client.get('/subscriptions')).body.value).toMatchObject([{ clientState: null }]);

    const expirationDateTime = inDays(28);
    expect((await client.ask('PATCH', path, { expirationDateTime })).body).toMatchObject({
      expirationDateTime,
    });
    expect((await client.ask('POST', `${path}/reauthorize`)).status).toBe(204);
    expect((await client.ask('DELETE', path)).status).toBe(204);
    expect((await client.ask('PATCH', path, { expirationDateTime })).status).toBe(404);
    expect((await client.get(path)).body).toMatchObject({ error: { code: 'ResourceNotFound' } });
  });

  it('receive what happened, as Graph words it', async () => {
    const created = await subscribe();
    const { directory, tenantId } = client.graph;
    const id = directory.createUser({ displayName: 'Ann' });
    directory.deleteUser(id);
    directory.purge(id);
    await until(() => webhook.items().length === 3);

    expect(webhook.posts).toHaveLength(1);
    expect(webhook.items().map(({ changeType }) => changeType)).toEqual([
      'updated',
      'updated',
      'deleted',
    ]);
    expect(webhook.items()[0]).toMatchObject({
      subscriptionId: created.body['id'],
      clientState: 'secret',
      tenantId,
      resource: `Users/${id}`,
      resourceData: { '@odata.type': '#Microsoft.Graph.User', id, organizationId: tenantId },
    });
    expect(webhook.posts[0]).toMatch(/"sequenceNumber":\d{18}[,}]/);
  });

  it('of groups receive memberships with their members', async () => {
    await subscribe({ resource: '/groups' });
    const { directory } = client.graph;
    const member = directory.createUser();
    const team = directory.createGroup();
    directory.addMember(team, member);
    directory.removeMember(team, member);
    await until(() => webhook.items().length === 3);
    expect(
      webhook
        .items()
        .map(({ resourceData }) => (resourceData as Record<string, unknown>)['members@delta']),
    ).toEqual([undefined, [{ id: member }], [{ id: member, '@removed': 'deleted' }]]);
  });

  it.each([
    ['refused', 503],
    ['not answered in time', 0],
  ])('are sent again what was %s, until it is taken', async (_, status) => {
    await subscribe();
    webhook.status = status;
    client.graph.directory.createUser();
    await until(() => webhook.posts.length > 0);
    webhook.status = 202;
    await until(() => webhook.posts.length > 1);
    expect(webhook.posts[1]).toBe(webhook.posts[0]);
    await until(() => client.graph.tenant.notifier.settledUpTo === client.graph.directory.sequence);
  });

  it('lose, double and delay notifications at the rates asked for', async () => {
    await subscribe();
    const { directory, faults, stats } = client.graph;
    faults.notificationLossRate = 1;
    const lostBefore = stats.lostNotifications;
    directory.createUser();
    expect(stats.lostNotifications).toBe(lostBefore + 1);
    faults.notificationLossRate = 0;
    faults.notificationDuplicateRate = 1;
    faults.notificationDelayRate = 1;
    faults.notificationDelayMs = 20;
    directory.createUser();
    await until(() => webhook.items().length === 2);
    Object.assign(faults, { notificationDuplicateRate: 0, notificationDelayRate: 0 });
    expect(webhook.items()[0]).toEqual(webhook.items()[1]);
  });

  it('receive lifecycle events on demand', async () => {
    const { body } = await subscribe();
    client.graph.tenant.notifier.sendLifecycle('reauthorizationRequired');
    await until(() => webhook.items().length === 1);
    expect(webhook.items()[0]).toMatchObject({
      lifecycleEvent: 'reauthorizationRequired',
      subscriptionId: body['id'],
      clientState: 'secret',
    });
    expect(webhook.items()[0]).not.toHaveProperty('changeType');
  });
});
