import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { PermanentError, TenantError } from '../../../src/ops/errors.ts';
import { host, realClient } from './real-client.ts';

const id = '7f105c7d-2dc5-4530-97cd-4e7ae6534c07';
const wanted = {
  resource: 'users',
  changeType: 'updated,deleted',
  notificationUrl: 'https://mirror.example/notifications',
  lifecycleNotificationUrl: 'https://mirror.example/lifecycle',
  clientState: 'secret',
  expirationDateTime: '2026-12-20T00:00:00Z',
};
const { resource, changeType, notificationUrl, expirationDateTime } = wanted;
const stored = { id, resource, changeType, notificationUrl, expirationDateTime };
const created = {
  ...stored,
  clientState: null,
  applicationId: 'a',
  latestSupportedTlsVersion: 'v1_2',
};

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

describe('a subscription', () => {
  it('is created as it is wanted', async () => {
    nock(host).post('/v1.0/subscriptions', wanted).reply(201, created);
    expect(await realClient().graph.createSubscription(wanted)).toEqual(stored);
  });

  it.each([
    [`Subscription Id <${id}> already exists for the requested combination`, id],
    ['Subscription Id <> already exists for the requested combination', undefined],
  ])('that exists already is a conflict: %s', async (message, conflict) => {
    nock(host)
      .post('/v1.0/subscriptions')
      .reply(409, { error: { code: 'x', message } });
    expect(await realClient().graph.createSubscription(wanted)).toEqual({ conflict });
  });

  it('is refused for good where its endpoint does not answer the handshake', async () => {
    const message = 'Subscription validation request timed out.';
    nock(host)
      .post('/v1.0/subscriptions')
      .reply(400, { error: { code: 'InvalidRequest', message } });
    const creation = realClient().graph.createSubscription(wanted);
    await expect(creation).rejects.toThrow(message);
    await expect(creation).rejects.toThrow(PermanentError);
  });

  it('over the quota says what to do', async () => {
    const message = 'The limit of 100 subscriptions is reached';
    nock(host)
      .post('/v1.0/subscriptions')
      .reply(403, { error: { code: 'Forbidden', message } });
    const creation = realClient().graph.createSubscription(wanted);
    await expect(creation).rejects.toThrow(TenantError);
    await expect(creation).rejects.toMatchObject({ advice: expect.stringContaining('Delete') });
  });

  it('is read and renewed by id', async () => {
    const expirationDateTime = '2026-12-24T00:00:00Z';
    nock(host).get(`/v1.0/subscriptions/${id}`).reply(200, created);
    nock(host)
      .patch(`/v1.0/subscriptions/${id}`, { expirationDateTime })
      .reply(200, { ...created, expirationDateTime });
    const { graph } = realClient();
    expect(await graph.getSubscription(id)).toEqual(stored);
    expect(await graph.renewSubscription(id, expirationDateTime)).toEqual({
      ...stored,
      expirationDateTime,
    });
  });

  it('that is gone is nothing, not an error', async () => {
    const gone = { error: { code: 'ResourceNotFound', message: 'The object was not found.' } };
    nock(host)
      .persist()
      .intercept(/./, 'GET')
      .reply(404, gone)
      .intercept(/./, 'PATCH')
      .reply(404, gone)
      .intercept(/./, 'DELETE')
      .reply(404, gone);
    const { graph } = realClient();
    expect(await graph.getSubscription(id)).toBeUndefined();
    expect(await graph.renewSubscription(id, wanted.expirationDateTime)).toBeUndefined();
    expect(await graph.deleteSubscription(id)).toBe(false);
  });

  it('is deleted', async () => {
    nock(host).delete(`/v1.0/subscriptions/${id}`).reply(204);
    expect(await realClient().graph.deleteSubscription(id)).toBe(true);
  });

  it('is listed over all pages', async () => {
    nock(host)
      .get('/v1.0/subscriptions')
      .reply(200, {
        value: [created],
        '@odata.nextLink': `${host}/v1.0/subscriptions?$skiptoken=2`,
      });
    nock(host)
      .get('/v1.0/subscriptions?$skiptoken=2')
      .reply(200, { value: [{ ...created, id: 'two', notificationUrl: null }] });
    expect(await realClient().graph.listSubscriptions()).toEqual([
      stored,
      { ...stored, id: 'two', notificationUrl: '' },
    ]);
  });

  it.each([[{}], ['<html>'], [[]]])(
    'that Graph shows as %j fails as an answer that cannot be read',
    async (body) => {
      nock(host).get(`/v1.0/subscriptions/${id}`).reply(200, body);
      await expect(realClient().graph.getSubscription(id)).rejects.toMatchObject({
        name: 'MalformedAnswerError',
      });
    },
  );
});
