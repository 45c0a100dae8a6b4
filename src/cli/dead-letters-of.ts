import type { Connections } from '../connect.ts';
import { createDeadLetters, type DeadLetter, type Selection } from '../queue/dead-letters.ts';
import { createPublisher } from '../queue/publish.ts';

/** The directory's changes, or people whom HR sends. */
export type WhichQueue = 'directory' | 'hr';
export type QueuedDeadLetter = DeadLetter & { queue: WhichQueue };
export type QueuesOfDeadLetters = ReturnType<typeof bothDeadLetters>;

/** Those of the queues that the settings name; of one of them where it is given. */
export function bothDeadLetters(connections: Connections, only?: WhichQueue) {
  const queues = (['directory', 'hr'] as const).filter((queue) => !only || queue === only);
  const each = queues.map((queue) => ({ queue, letters: deadLettersOf(connections, queue) }));
  const sum = async (counts: Promise<number>[]) =>
    (await Promise.all(counts)).reduce((total, count) => total + count, 0);
  return {
    async list(limit: number): Promise<QueuedDeadLetter[]> {
      const found = each.map(async ({ queue, letters }) =>
        (await letters.list(limit)).map((letter) => ({ queue, ...letter })),
      );
      return (await Promise.all(found)).flat();
    },
    replay: (selection: Selection) => sum(each.map(({ letters }) => letters.replay(selection))),
    purge: (selection: Selection) => sum(each.map(({ letters }) => letters.purge(selection))),
  };
}

/** The dead letters of one queue; a replay goes onto that queue. */
export function deadLettersOf({ bus: client, config, clock, log }: Connections, of: WhichQueue) {
  const queueName = of === 'hr' ? config.hr.queue : config.queue;
  const { send } = createPublisher({ client, queueName, log, clock });
  return createDeadLetters({ client, queueName, send, clock, log });
}
