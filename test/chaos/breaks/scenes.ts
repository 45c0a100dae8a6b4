import type { Read } from '../../../src/graph/types.ts';
import { startLocalServiceBus } from '../../../src/local/service-bus/server.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { openServiceBus } from '../../../src/queue/connect.ts';
import { createConsumer } from '../../../src/queue/consume.ts';
import { createPublisher } from '../../../src/queue/publish.ts';
import { sweepAll } from '../../../src/sync/sweep-all.ts';
import { until } from '../until.ts';
import { notified, onStage } from './stage.ts';

/** Each scene provokes one race or loss in the fewest steps; the audit comes after it. */

export const aPersonChanges = () =>
  onStage(async (stage) => {
    stage.directory.updateUser(stage.person, { city: 'Oslo' });
    await stage.worker()([notified(stage.person)]);
  });

/** Two workers read, before and after a change; the first one to read is the last one to write. */
export const theSlowerWritesLast = () =>
  onStage(async (stage) => {
    const { directory, graph, person } = stage;
    let hasRead = false;
    let goOn = (): void => undefined;
    const slow = stage.worker({
      read: async (...asked) => {
        const reads = await graph.read(...asked);
        hasRead = true;
        await new Promise<void>((resolve) => (goOn = resolve));
        return reads;
      },
    });
    const slower = slow([notified(person)]);
    await until(() => hasRead);
    directory.updateUser(person, { city: 'Oslo' });
    await stage.worker()([notified(person)]);
    goOn();
    await slower;
  });

export const aReadMissesAPerson = () =>
  onStage(async (stage) => {
    const read = async (): Promise<Read[]> => [{ kind: 'missing' }];
    await stage.worker({ read })([notified(stage.person)]);
  });

export const aReadMissesAMember = () =>
  onStage(async (stage) => {
    const { directory, graph, mirror, tenantId } = stage;
    const group = directory.snapshot().groups[0]?.id ?? '';
    await mirror.markEdgesDue(tenantId, [group]);
    await stage.readMembers({
      edgePages: async (...asked) => {
        const answers = await graph.edgePages(...asked);
        for (const answer of answers) if (answer.kind === 'found') answer.page.edges.pop();
        return answers;
      },
    });
  });

export const aNotificationIsLost = () =>
  onStage(async (stage) => {
    stage.directory.updateUser(stage.person, { city: 'Oslo' });
    await stage.sweep();
    await stage.worker()(stage.received());
  });

/** The sweep shows a change, and the read that follows meets a replica that has not heard of it. */
export const aReplicaLags = () =>
  onStage(async (stage) => {
    const { directory, graph, person } = stage;
    const { signal } = new AbortController();
    const late = await graph.read([{ type: 'user', id: person }], 'sweep', signal);
    directory.updateUser(person, { city: 'Oslo' });
    await stage.sweep();
    await stage.worker({ read: async () => late })(stage.received());
    await stage.sweep();
    await stage.worker()(stage.received());
  });

/** No process was there when something changed. */
export const nobodyWasThere = () =>
  onStage(async (stage) => {
    await stage.mirror.tenants.setPhase(stage.tenantId, 'live');
    stage.directory.updateUser(stage.person, { city: 'Oslo' });
    await sweepAll(stage.depsOf());
    await stage.sync();
    await stage.worker()(stage.received());
  });

/** One delivery holds a person with a value that MongoDB does not take. */
export const oneCannotBeStored = () =>
  onStage(async (stage) => {
    const { directory, graph, person } = stage;
    const neighbour = directory.snapshot().users[1]?.id ?? '';
    directory.updateUser(neighbour, { city: 'Oslo' });
    const read: typeof graph.read = async (...asked) => {
      const reads = await graph.read(...asked);
      for (const found of reads) {
        if (found.kind === 'found' && found.object.id === person)
          found.object.properties['city'] = 2n ** 80n;
      }
      return reads;
    };
    await stage.worker({ read })([notified(person), notified(neighbour)]);
  });

/** A worker dies while it handles a message; another one is there when the lock ends. */
export const aWorkerDies = () =>
  onStage((stage) =>
    withQueue(async ({ publish, consume, redeliver, isEmpty }) => {
      const { directory, person, tenantId } = stage;
      directory.updateUser(person, { city: 'Oslo' });
      await publish(tenantId, person);
      let isInHand = false;
      const dead = consume(() => {
        isInHand = true;
        return new Promise(() => undefined);
      });
      await until(() => isInHand);
      await dead.pause();
      redeliver();
      consume((_, changes) => stage.worker()(changes));
      await until(isEmpty);
    }),
  );

/** Every change of another tenant hangs. */
export const anotherTenantHangs = () =>
  onStage((stage) =>
    withQueue(async ({ publish, consume }) => {
      const { directory, person, tenantId } = stage;
      directory.updateUser(person, { city: 'Oslo' });
      for (let count = 0; count < slots; count += 1) await publish('other', `user ${count}`);
      let hanging = 0;
      let isDone = false;
      let isOver = false;
      consume(async (of, changes) => {
        if (of === tenantId && !isOver)
          return stage
            .worker()(changes)
            .finally(() => (isDone = true));
        hanging += 1;
        return new Promise(() => undefined);
      });
      await until(() => hanging > 0);
      await publish(tenantId, person);
      await until(() => isDone || hanging === slots);
      isOver = true;
    }),
  );

const slots = 4;

async function withQueue(
  act: (queue: {
    publish: (tenantId: string, id: string) => Promise<void>;
    consume: (handle: Parameters<typeof createConsumer>[0]['handle']) => { pause(): Promise<void> };
    redeliver: () => void;
    isEmpty: () => boolean;
  }) => Promise<void>,
): Promise<void> {
  const server = await startLocalServiceBus({ queues: [{ name: 'q', maxDeliveryCount: 100 }] });
  const client = openServiceBus({ connectionString: server.connectionString });
  const shared = { client, queueName: 'q', clock: systemClock, log: silentLog };
  const publisher = createPublisher(shared);
  const consumers: ReturnType<typeof createConsumer>[] = [];
  try {
    await act({
      publish: (tenantId, id) => publisher.publish(tenantId, [notified(id)]),
      consume: (handle) => {
        const limits = { slots, maxObjects: 1, gatherMs: 1 };
        const consumer = createConsumer({ ...shared, handle, send: publisher.send, limits });
        consumers.push(consumer);
        consumer.start();
        return consumer;
      },
      redeliver: () => server.inject.redeliver(),
      isEmpty: () => {
        const { active, scheduled, locked } = server.queue('q').counts;
        return active + scheduled + locked === 0;
      },
    });
  } finally {
    await Promise.all(consumers.map((consumer) => consumer.close({ deadlineMs: 0 })));
    await client.close();
    await server.close();
  }
}
