import type { Connections } from '../connect.ts';
import type { Closers } from '../ops/shutdown.ts';
import { createConsumer } from '../queue/consume.ts';
import { createHandler } from '../sync/handle-changes.ts';
import type { GroupsReader } from '../sync/groups-reader.ts';
import { pauseWhileAway } from './pause-while-away.ts';
import type { Renewals } from '../subscriptions/renew.ts';

/** Takes changes from the queue, reads them back and writes the mirror. */
export function startWorker(
  {
    connections,
    reader,
    renewals,
  }: { connections: Connections; reader: GroupsReader; renewals: Renewals },
  closers: Closers,
) {
  const { bus, publisher, config, clock, tracer } = connections;
  const log = connections.log.child({ role: 'worker' });
  const handle = createHandler({
    ...connections,
    publish: publisher.publish,
    requestEdges: (tenantId) => reader.request(tenantId),
    onLifecycle: (tenantId, change) => renewals.onLifecycle(tenantId, change),
    log,
  });
  const consumer = createConsumer({
    client: bus,
    queueName: config.queue,
    handle,
    send: publisher.send,
    clock,
    tracer,
    log,
  });
  consumer.start();
  const ping = () => connections.db.command({ ping: 1 });
  const unwatch = pauseWhileAway({ ping, consumer, clock, log });
  closers.add('worker', () => consumer.close({ deadlineMs: config.shutdownTimeoutMs }));
  closers.add('watch of MongoDB', unwatch);
  return consumer;
}
