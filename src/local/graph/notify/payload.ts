import type { DirectoryEvent } from '../directory/event.ts';
import { changeTypeOf, type Subscription } from './subscription.ts';

export type LifecycleEvent = 'reauthorizationRequired' | 'subscriptionRemoved' | 'missed';

/** One item of a change notification collection, as JSON text. */
export function printNotification(
  tenantId: string,
  subscription: Subscription,
  event: DirectoryEvent,
  showsMembers: boolean,
): string {
  const collection = event.type === 'user' ? 'User' : 'Group';
  const resource = `${collection}s/${event.id}`;
  const item = {
    changeType: changeTypeOf(event),
    ...addressee(tenantId, subscription),
    resource,
    resourceData: {
      '@odata.type': `#Microsoft.Graph.${collection}`,
      '@odata.id': resource,
      id: event.id,
      organizationId: tenantId,
      eventTime: new Date(event.at).toISOString().replace('Z', '0000Z'),
      sequenceNumber: sequenceNumber(event),
      ...(showsMembers && membersDelta(event)),
    },
  };
  return withBareNumber(JSON.stringify(item));
}

export function printLifecycle(
  tenantId: string,
  subscription: Subscription,
  lifecycleEvent: LifecycleEvent,
): string {
  return JSON.stringify({ ...addressee(tenantId, subscription), lifecycleEvent });
}

export function printCollection(items: readonly string[]): string {
  return `{"value":[${items.join(',')}]}`;
}

function addressee(tenantId: string, { id, expirationDateTime, clientState }: Subscription) {
  return {
    subscriptionId: id,
    subscriptionExpirationDateTime: expirationDateTime.replace('Z', '+00:00'),
    tenantId,
    clientState,
  };
}

/** Unlike delta, a notification has `@removed` as a string and no types. */
function membersDelta(event: DirectoryEvent): object {
  if (!('edge' in event) || event.edge.kind !== 'member') return {};
  const removed = event.kind === 'edgeRemoved' ? { '@removed': 'deleted' } : {};
  return { 'members@delta': [{ id: event.edge.memberId, ...removed }] };
}

/** Ticks since the year 1, beyond what a double can hold; the last digits tell changes of one instant apart. */
function sequenceNumber({ at, sequence }: DirectoryEvent): string {
  const unixEpochTicks = 621_355_968_000_000_000n;
  return String(unixEpochTicks + BigInt(at) * 10_000n + BigInt(sequence % 10_000));
}

function withBareNumber(json: string): string {
  return json.replace(/"sequenceNumber":"(\d+)"/, '"sequenceNumber":$1');
}
