import type { Connections } from '../connect.ts';
import type { Closers } from '../ops/shutdown.ts';
import { createReceiver } from '../receive/app.ts';
import { SubscriptionCache } from '../receive/subscription-cache.ts';

/** Takes notifications; it listens before anything subscribes, since Graph knocks at once. */
export async function startReceiver(connections: Connections, closers: Closers) {
  const { publisher, subscriptions, clock } = connections;
  const log = connections.log.child({ role: 'receiver' });
  const known = new SubscriptionCache({
    load: () => subscriptions.known(),
    find: (subscriptionId, hash) => subscriptions.find(subscriptionId, hash),
    clock,
    log,
  });
  await known.start();
  closers.add('known subscriptions', () => known.close());
  const receiver = createReceiver({ publish: publisher.publish, subscriptions: known, log, clock });
  closers.add('receiver', () => receiver.close());
  return receiver;
}
