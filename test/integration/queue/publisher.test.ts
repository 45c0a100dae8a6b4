import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildChange } from '../../support/build-change.ts';
import { startQueue, type Queue } from '../../support/queue-stack.ts';
import { until } from '../../support/until.ts';

let queue: Queue;
beforeEach(async () => {
  queue = await startQueue();
});
afterEach(() => queue.close());

describe('publishing changes', () => {
  it('carries many in few bounded sets, all of them accepted', async () => {
    const changes = Array.from({ length: 1_200 }, (_, index) => buildChange(`u${index}`));
    await queue.publisher.publish('t', changes);
    const sets = queue.waiting();
    expect(sets.map((set) => set.length)).toEqual([500, 500, 200]);
    expect(sets.flat()).toEqual(changes);
    const ids = queue.queue.messages().map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(3);
  });

  it('carries the trace as an application property', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await queue.publisher.publish('t', [buildChange('a')], { traceparent });
    expect(queue.queue.messages()[0]?.applicationProperties).toMatchObject({ traceparent });
  });

  it('schedules what is delayed', async () => {
    await queue.publisher.publish('t', [buildChange('a')], { delayMs: 60_000 });
    expect(queue.queue.counts).toMatchObject({ scheduled: 1, active: 0 });
  });

  it('rejects where the broker refuses', async () => {
    queue.server.inject.refuseSends('full');
    await expect(queue.publisher.publish('t', [buildChange('a')])).rejects.toThrow();
    expect(queue.isEmpty()).toBe(true);
  });

  it('stops waiting as soon as it is told to', async () => {
    await queue.publisher.publish('t', [buildChange('a')]);
    queue.server.inject.delaySends(2_000);
    const sending = new AbortController();
    const sent = queue.publisher.publish('t', [buildChange('b')], { signal: sending.signal });
    setTimeout(() => sending.abort(), 20);
    await expect(sent).rejects.toThrow();
  });

  it('goes on after the broker was away', async () => {
    await queue.publisher.publish('t', [buildChange('a')]);
    queue.server.inject.pause();
    const sent = queue.publisher.publish('t', [buildChange('b')]);
    queue.server.inject.resume();
    await sent;
    await until(() => queue.waiting().length >= 2);
  });
});
