import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Change, Outcome } from '../../../src/change.ts';
import { PermanentError, TenantError, ThrottledError } from '../../../src/ops/errors.ts';
import { buildChange } from '../../support/build-change.ts';
import { done, handleEach, startQueue, type Queue } from '../../support/queue-stack.ts';
import { until } from '../../support/until.ts';

let queue: Queue;
beforeEach(async () => {
  queue = await startQueue();
});
afterEach(() => queue.close());

const changesOf = (...ids: string[]) => ids.map((id) => buildChange(id));

describe('the consumer', () => {
  it('has the sets of a tenant handled together, each object once, and completes them', async () => {
    const batches: string[][] = [];
    const traces: unknown[] = [];
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await queue.publisher.publish('t', changesOf('a', 'b'), { traceparent });
    await queue.publisher.publish('t', changesOf('b', 'c'), { traceparent });
    const consumer = queue.startConsumer(
      async (tenantId, changes, context) => {
        batches.push([tenantId, ...changes.map(({ id }) => id)]);
        traces.push(context.traceparent);
        return changes.map(() => done);
      },
      { gatherMs: 200 },
    );
    await until(queue.isEmpty);
    expect(batches).toEqual([['t', 'a', 'b', 'c']]);
    expect(traces).toEqual([traceparent]);
    await until(() => consumer.stats.inHand === 0);
    expect(consumer.stats).toMatchObject({ received: 2, completed: 2, objects: 3, batches: 1 });
  });

  it('never mixes tenants', async () => {
    const batches: string[] = [];
    await queue.publisher.publish('t1', changesOf('a'));
    await queue.publisher.publish('t2', changesOf('a'));
    queue.startConsumer(async (tenantId, changes) => {
      batches.push(`${tenantId}: ${changes.length}`);
      return changes.map(() => done);
    });
    await until(queue.isEmpty);
    expect(batches.sort()).toEqual(['t1: 1', 't2: 1']);
  });

  it('invariant 1: loses nothing, whatever happens to objects and connections', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `u${index}`);
    const finished = new Set<string>();
    const troubles: Outcome[] = [
      { kind: 'retry', reason: '503', delayMs: 1 },
      { kind: 'park', reason: '429', delayMs: 1 },
      { kind: 'retry', reason: '404', delayMs: 1 },
    ];
    const tries = new Map<string, number>();
    let dropped = false;
    for (let from = 0; from < ids.length; from += 6) {
      await queue.publisher.publish('t', changesOf(...ids.slice(from, from + 6)));
    }
    queue.startConsumer(
      handleEach(({ id }) => {
        const tried = tries.get(id) ?? 0;
        tries.set(id, tried + 1);
        const trouble = (tried + Number(id.slice(1))) % 5;
        if (tries.size === 60 && !dropped) {
          dropped = true;
          queue.server.inject.dropConnections();
        }
        if (tried < 3 && troubles[trouble]) return troubles[trouble];
        finished.add(id);
        return done;
      }),
      { maxObjects: 20 },
    );
    await until(() => finished.size === ids.length);
    await until(queue.isEmpty);
    expect(queue.dead()).toEqual([]);
  });

  it('settles after a lost connection what it had in hand, without handling it again', async () => {
    await queue.publisher.publish('t', changesOf('a'));
    let handled = 0;
    let finish: (outcomes: Outcome[]) => void = () => undefined;
    queue.startConsumer(() => {
      handled += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    await until(() => handled === 1);
    queue.server.inject.dropConnections();
    finish([done]);
    await until(queue.isEmpty);
    expect(handled).toBe(1);
  });

  it('completes only after what goes on has been accepted', async () => {
    await queue.publisher.publish('t', changesOf('a', 'b'));
    queue.server.inject.refuseSends('full');
    let handled = 0;
    const consumer = queue.startConsumer(
      handleEach(({ id }) => {
        handled += 1;
        return id === 'a' ? { kind: 'retry', reason: '503' } : done;
      }),
    );
    await until(() => handled === 2);
    expect(queue.queue.counts).toMatchObject({ locked: 1, scheduled: 0 });
    expect(consumer.stats.completed).toBe(0);
    queue.server.inject.refuseSends(undefined);
    await until(() => consumer.stats.completed === 1);
    expect(queue.waiting()).toMatchObject([[{ id: 'a', attempt: 1 }]]);
  });
});

describe('invariant 7: poison never blocks', () => {
  it('one bad object becomes a dead letter of its own, with a reason that helps', async () => {
    const handled: string[] = [];
    await queue.publisher.publish('t', changesOf('a', 'bad', 'c'));
    queue.startConsumer(
      handleEach(({ id }) => {
        handled.push(id);
        if (id !== 'bad') return done;
        return { kind: 'dead', reason: 'BadId', description: 'Graph answered 400' };
      }),
    );
    await until(() => queue.queue.counts.deadLettered === 1);
    await until(queue.isEmpty);
    expect(handled.slice(0, 3)).toEqual(['a', 'bad', 'c']);
    expect(queue.dead()).toMatchObject([[{ id: 'bad' }]]);
    expect(queue.queue.deadLetters()[0]?.applicationProperties).toMatchObject({
      DeadLetterReason: 'BadId',
      DeadLetterErrorDescription: 'Graph answered 400',
    });
  });

  it('an object that fails to the last try becomes one', async () => {
    await queue.publisher.publish('t', [buildChange('a', { attempt: 10 })]);
    queue.startConsumer(handleEach(() => ({ kind: 'retry', reason: 'timeout', delayMs: 1 })));
    await until(() => queue.queue.counts.deadLettered === 1);
    expect(queue.dead()).toMatchObject([[{ id: 'a', attempt: 11 }]]);
  });

  it('a message that nobody can read is dead-lettered with what is wrong', async () => {
    const sender = queue.client.createSender(queue.queueName);
    await sender.sendMessages({ messageId: 'odd', body: { version: 1, changes: [] } });
    await queue.publisher.publish('t', changesOf('a'));
    queue.startConsumer(handleEach(() => done));
    await until(() => queue.queue.counts.deadLettered === 1 && queue.isEmpty());
    expect(queue.queue.deadLetters()[0]?.applicationProperties).toMatchObject({
      DeadLetterReason: 'Malformed',
      DeadLetterErrorDescription: expect.stringContaining('tenantId'),
    });
  });
});

describe("invariant 8: one tenant's trouble is its own", () => {
  it('a tenant whose changes hang does not stall another', async () => {
    for (let set = 0; set < 12; set += 1)
      await queue.publisher.publish('stuck', changesOf(`u${set}`));
    await queue.publisher.publish('well', changesOf('a'));
    let handled = false;
    queue.startConsumer(
      (tenantId, changes) => {
        if (tenantId === 'stuck') return new Promise(() => undefined);
        handled = true;
        return Promise.resolve(changes.map(() => done));
      },
      { maxObjects: 1 },
    );
    await until(() => handled);
  });
});

describe('consistency 5', () => {
  it('5.2: parked work goes back as one set, later, with its attempts unchanged', async () => {
    await queue.publisher.publish('t', [buildChange('a', { attempt: 4 }), buildChange('b')]);
    await queue.publisher.publish('t', changesOf('c'));
    const consumer = queue.startConsumer(
      handleEach(() => ({ kind: 'park', reason: 'MongoDB is away' })),
      { gatherMs: 200 },
    );
    await until(() => consumer.stats.completed === 2);
    expect(queue.queue.counts).toMatchObject({
      active: 0,
      locked: 0,
      scheduled: 1,
      deadLettered: 0,
    });
    expect(queue.waiting()).toMatchObject([[{ id: 'a', attempt: 4 }, { id: 'b' }, { id: 'c' }]]);
    expect(queue.queue.messages()[0]?.applicationProperties).toMatchObject({ parks: 1 });
  });

  it.each([
    ['a throttled tenant', new ThrottledError(60_000, '429'), { attempt: 0 }, 1],
    ['a tenant without consent', new TenantError('401', 'grant consent'), { attempt: 0 }, 1],
    ['anything unexpected', new PermanentError('x', 'a bug'), { attempt: 1 }, undefined],
  ])('a handler that throws for %s loses nothing', async (_, error, change, parks) => {
    await queue.publisher.publish('t', changesOf('a'));
    const consumer = queue.startConsumer(() => Promise.reject(error));
    await until(() => consumer.stats.completed === 1);
    expect(queue.waiting()).toMatchObject([[{ id: 'a', ...change }]]);
    expect(queue.queue.messages()[0]?.applicationProperties['parks']).toBe(parks);
    expect(queue.queue.counts.scheduled).toBe(1);
  });

  it('5.2: while a system that all need is away nothing is received, and later it goes on', async () => {
    const consumer = queue.startConsumer(handleEach(() => done));
    await queue.publisher.publish('t', changesOf('a'));
    await until(queue.isEmpty);
    await consumer.pause();
    await queue.publisher.publish('t', changesOf('b'));
    expect(queue.queue.counts).toMatchObject({ active: 1, locked: 0 });
    consumer.start();
    consumer.start();
    await until(queue.isEmpty);
    expect(consumer.stats).toMatchObject({ received: 2 });
  });

  it('5.3: a set that came back twice is cut into sets of one', async () => {
    await queue.publisher.publish('t', changesOf('a', 'b'));
    const batches: string[][] = [];
    let killed = 0;
    queue.startConsumer(
      (_tenantId, changes) => {
        batches.push(changes.map(({ id }) => id));
        if (changes.length === 1) return Promise.resolve([done]);
        killed += 1;
        return new Promise(() => undefined);
      },
      { maxObjects: 1, patienceMs: 10 },
    );
    for (let kills = 1; kills <= 2; kills += 1) {
      await until(() => killed === kills);
      queue.server.inject.redeliver();
    }
    await until(() => batches.length === 4 && queue.isEmpty());
    expect(batches.slice(0, 2)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(batches.slice(2).sort()).toEqual([['a'], ['b']]);
  });

  it('5.5: an envelope of a newer version is parked as it is', async () => {
    const body = { version: 2, tenantId: 't', changes: [{ novel: true }] };
    await queue.client.createSender(queue.queueName).sendMessages({ messageId: 'new', body });
    const consumer = queue.startConsumer(handleEach(() => done));
    await until(() => consumer.stats.completed === 1);
    const [message] = queue.queue.messages();
    expect(JSON.parse(String(message?.body))).toEqual(body);
    expect(message?.applicationProperties).toMatchObject({ parks: 1 });
    expect(queue.queue.counts).toMatchObject({ scheduled: 1, deadLettered: 0 });
  });
});

describe('closing the consumer', () => {
  it('finishes what is under way', async () => {
    await queue.publisher.publish('t', changesOf('a'));
    let finish: (outcomes: Outcome[]) => void = () => undefined;
    let begun = false;
    const consumer = queue.startConsumer(() => {
      begun = true;
      return new Promise((resolve) => (finish = resolve));
    });
    await until(() => begun);
    const closed = consumer.close({ deadlineMs: 10_000 });
    finish([done]);
    await closed;
    expect(queue.isEmpty()).toBe(true);
  });

  it('gives back at the deadline what is not finished, and the next consumer takes it', async () => {
    await queue.publisher.publish('t', changesOf('a'));
    let signal: AbortSignal | undefined;
    const stuck = queue.startConsumer((_tenantId, _changes, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    await until(() => signal);
    await stuck.close({ deadlineMs: 20 });
    expect(signal?.aborted).toBe(true);
    expect(stuck.stats).toMatchObject({ abandoned: 1, inHand: 0 });
    const taken: Change[] = [];
    queue.startConsumer(async (_tenantId, changes) => {
      taken.push(...changes);
      return changes.map(() => done);
    });
    await until(queue.isEmpty);
    expect(taken).toMatchObject([{ id: 'a', attempt: 0 }]);
  });
});
