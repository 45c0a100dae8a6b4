import { afterEach, describe, expect, it } from '@jest/globals';
import type { Change, PublishChanges } from '../../../src/change.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { noTracer } from '../../../src/ops/trace.ts';
import { createEnqueue } from '../../../src/receive/gather.ts';
import { until } from '../../support/until.ts';

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

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

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
  it('sends a lone notification at the end of its turn', async () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    await turn();
    expect(sends.map(({ ids }) => ids)).toEqual([['1']]);
  });

  it('sends what one turn brings in one set', async () => {
    const { sends, enqueue } = heldQueue();
    for (const id of ['1', '2', '3']) void enqueue('a', id);
    await turn();
    expect(sends.map(({ ids }) => ids)).toEqual([['1', '2', '3']]);
  });

  it('gathers what comes while a send of the tenant is under way into one set', async () => {
    const { sends, enqueue } = heldQueue();
    const first = enqueue('a', '1');
    await turn();
    const others = [enqueue('a', '2'), enqueue('a', '3')];
    sends[0]?.accept();
    expect(await first).toBe(true);
    await until(() => sends[1]);
    expect(sends.map(({ ids }) => ids)).toEqual([['1'], ['2', '3']]);
    sends[1]?.refuse();
    expect(await Promise.all(others)).toEqual([false, false]);
  });

  it('does not wait for a slow send longer than the gathering lasts', async () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    await turn();
    const second = enqueue('a', '2');
    await until(() => sends[1]);
    sends[1]?.accept();
    expect(await second).toBe(true);
  });

  it('sends a full set without waiting, and never more than fits', async () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    await turn();
    for (const id of ['2', '3', '4', '5']) void enqueue('a', id);
    await turn();
    expect(sends.map(({ ids }) => ids)).toEqual([['1'], ['2', '3', '4']]);
  });

  it('never mixes tenants, nor lets one wait for another', async () => {
    const { sends, enqueue } = heldQueue();
    void enqueue('a', '1');
    void enqueue('b', '2');
    await turn();
    expect(sends.map(({ tenantId, ids }) => [tenantId, ids])).toEqual([
      ['a', ['1']],
      ['b', ['2']],
    ]);
  });
});
