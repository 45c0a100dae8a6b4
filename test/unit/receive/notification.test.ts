import { describe, expect, it } from '@jest/globals';
import { readItem } from '../../../src/receive/notification.ts';

const receivedAt = '2026-11-29T10:00:00.000Z';
const user = {
  subscriptionId: 'sub-1',
  subscriptionExpirationDateTime: '2026-12-01T11:00:00.0000000Z',
  tenantId: 'tenant-1',
  clientState: 'secret',
  changeType: 'updated',
  resource: 'Users/u1',
  resourceData: {
    '@odata.type': '#Microsoft.Graph.User',
    '@odata.id': 'Users/u1',
    id: 'u1',
    organizationId: 'tenant-1',
    eventTime: '2026-11-29T09:59:59.1234567Z',
    sequenceNumber: 636784480202455800n.toString(),
  },
};
const bare = { ...user, resourceData: undefined };
const lifecycle = {
  subscriptionId: 'sub-1',
  subscriptionExpirationDateTime: '2026-12-01T11:00:00+00:00',
  tenantId: 'tenant-1',
  clientState: 'secret',
  lifecycleEvent: 'reauthorizationRequired',
};

describe('an item of a notification', () => {
  it('becomes a change that carries who, what and when, and none of its data', () => {
    expect(readItem(user, receivedAt)).toEqual({
      subscriptionId: 'sub-1',
      tenantId: 'tenant-1',
      clientState: 'secret',
      change: {
        type: 'user',
        id: 'u1',
        changeType: 'updated',
        origin: 'notification',
        subscriptionId: 'sub-1',
        receivedAt,
        eventTime: '2026-11-29T09:59:59.1234567Z',
        attempt: 0,
      },
    });
  });

  it.each([
    ['a user by its path alone', bare, { type: 'user', id: 'u1' }],
    ['a group', { ...bare, resource: 'Groups/g1' }, { type: 'group', id: 'g1' }],
    ['a lower-case path', { ...bare, resource: '/groups/g1/members' }, { type: 'group', id: 'g1' }],
    ['a deletion', { ...user, changeType: 'deleted' }, { changeType: 'deleted' }],
    [
      'a creation, read back as an update',
      { ...user, changeType: 'created' },
      { changeType: 'updated' },
    ],
    ['a type of change yet to come', { ...user, changeType: 'moved' }, { changeType: 'updated' }],
    [
      'a lifecycle event',
      lifecycle,
      { type: 'subscription', id: 'sub-1', lifecycle: 'reauthorizationRequired' },
    ],
    [
      'an id of 64 characters',
      { ...bare, resource: `Users/${'x'.repeat(64)}` },
      { id: 'x'.repeat(64) },
    ],
  ])('is understood: %s', (_, value, expected) => {
    expect(readItem(value, receivedAt)?.change).toMatchObject(expected);
  });

  it.each([
    ['nothing', undefined],
    ['text', 'Users/u1'],
    ['a list', [user]],
    ['no subscription', { ...user, subscriptionId: undefined }],
    ['no tenant', { ...user, tenantId: null }],
    ['neither change nor lifecycle event', { ...bare, changeType: undefined }],
    ['an unknown lifecycle event', { ...lifecycle, lifecycleEvent: 'renamed' }],
    ['another kind of resource', { ...bare, resource: 'Devices/d1' }],
    ['no resource at all', { ...bare, resource: undefined }],
    ['6.2: an id over 64 characters', { ...user, resourceData: { id: 'x'.repeat(65) } }],
    ['6.2: a resource over 512 characters', { ...user, resource: `Users/${'x'.repeat(512)}` }],
  ])('is dropped: %s', (_, value) => {
    expect(readItem(value, receivedAt)).toBeUndefined();
  });

  it('loses an event time that is no short text, and nothing else', () => {
    const odd = { ...user, resourceData: { ...user.resourceData, eventTime: 'x'.repeat(41) } };
    const item = readItem(odd, receivedAt);
    expect(item?.change.id).toBe('u1');
    expect(item?.change).not.toHaveProperty('eventTime', expect.anything());
  });
});
