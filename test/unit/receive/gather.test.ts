import { afterEach, describe, expect, it } from '@jest/globals';
import type { Change, PublishChanges } from '../../../src/change.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { noTracer } from '../../../src/ops/trace.ts';
import { createEnqueue } from '../../../src/receive/gather.ts';

const limits = { gatherMs: 5, maxChanges: 3, enqueueMs: 5_000 };
const change = (id: string): Change => ({
  type: 'user',
  id,
  changeType: 'updated',
  origin: 'notification',
  receivedAt: '2026-11-29T10:00:00.000Z',
  attempt: 0,
});

const held: (() => void)[] = [];
afterEach(() => held.splice(0).forEach((accept) => accept()));

const surroundings = { clock: systemClock, log: silentLog, tracer: noTracer };

/** A queue whose sends wait until they are told what becomes of them. */
function heldQueue() {
  const sends: { tenantId: string; ids: string[]; accept: () => void; refuse: () => void }[] = [];
  const publish: PublishChanges = (tenantId, changes) =>
    new Promise((accept, reject) => {
      const ids = changes.map(({ id }) => id);
      held.push(accept);
      sends.push({ tenantId, ids, accept, refuse: () => reject(new Error('refused')) });
    });
  const enqueue = createEnqueue({ publish, limits, ...surroundings });
  return { sends, enqueue: (tenantId: string, id: string) => enqueue(tenantId, [change(id)], 't') };
}

describe('the group commit of the receiver', () => {
  it('sends a lone notification at once', () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    expect(sends.map(({ ids }) => ids)).toEqual([['1']]);
  });

  it('gathers what comes while a send of the tenant is under way into one set', async () => {
    const { sends, enqueue } = heldQueue();
    const first = enqueue('a', '1');
    const others = [enqueue('a', '2'), enqueue('a', '3')];
    sends[0]?.accept();
    expect(await first).toBe(true);
    await systemClock.sleep(0);
    expect(sends.map(({ ids }) => ids)).toEqual([['1'], ['2', '3']]);
    sends[1]?.refuse();
    expect(await Promise.all(others)).toEqual([false, false]);
  });

  it('does not wait for a slow send longer than the gathering lasts', async () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    const second = enqueue('a', '2');
    while (sends.length < 2) await systemClock.sleep(1);
    sends[1]?.accept();
    expect(await second).toBe(true);
  });

  it('sends a full set without waiting', async () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    for (const id of ['2', '3', '4']) void enqueue('a', id);
    await systemClock.sleep(0);
    expect(sends.map(({ ids }) => ids)).toEqual([['1'], ['2', '3', '4']]);
  });

  it('never mixes tenants, nor lets one wait for another', () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    void enqueue('b', '2');
    expect(sends.map(({ tenantId, ids }) => [tenantId, ids])).toEqual([
      ['a', ['1']],
      ['b', ['2']],
    ]);
  });
});
