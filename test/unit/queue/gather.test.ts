import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/ops/clock.ts';
import { Gatherer } from '../../../src/queue/gather.ts';
import { until } from '../../support/until.ts';

/** A gatherer whose micro-batches last until they are ended. */
function gathererWith(limits: { slots?: number; gatherMs?: number; patienceMs?: number }) {
  const batches: { tenantId: string; items: readonly string[]; end: () => void }[] = [];
  const gatherer = new Gatherer<string>({
    run: (tenantId, items) => new Promise((end) => batches.push({ tenantId, items, end })),
    clock: systemClock,
    limits: { gatherMs: 1, patienceMs: 60_000, maxObjects: 4, slots: 8, ...limits },
  });
  return { gatherer, batches };
}

const objects = (count: number, of = '') =>
  Array.from({ length: count }, (_, index) => `user/${of}${index}`);

describe('the gathering of change sets', () => {
  it('makes one micro-batch of what comes within a few milliseconds', async () => {
    const { gatherer, batches } = gathererWith({});
    const dealtWith = Promise.all([gatherer.add('t', 'a', ['1']), gatherer.add('t', 'b', ['2'])]);
    await until(() => batches.length);
    expect(batches.map(({ items }) => items)).toEqual([['a', 'b']]);
    batches[0]?.end();
    await dealtWith;
  });

  it('starts a full one without waiting, and never takes more than fits', () => {
    const { gatherer, batches } = gathererWith({ gatherMs: 60 });
    for (const item of ['a', 'b', 'c']) void gatherer.add('t', item, objects(2, item));
    expect(batches.map(({ items }) => items)).toEqual([['a', 'b']]);
    gatherer.hurry();
    expect(batches.map(({ items }) => items)).toEqual([['a', 'b'], ['c']]);
  });

  it('counts an object once, however many sets tell of it', () => {
    const { gatherer, batches } = gathererWith({ gatherMs: 60 });
    for (const item of ['a', 'b', 'c']) void gatherer.add('t', item, objects(2));
    expect(batches).toEqual([]);
    void gatherer.add('t', 'd', objects(4));
    expect(batches.map(({ items }) => items)).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('takes a set that is larger than a micro-batch by itself', () => {
    const { gatherer, batches } = gathererWith({});
    void gatherer.add('t', 'large', objects(100));
    expect(batches).toHaveLength(1);
  });

  it('invariant 8: starts a tenant at once while another has filled its share', () => {
    const { gatherer, batches } = gathererWith({ slots: 4 });
    for (let i = 0; i < 10; i += 1) void gatherer.add('busy', 'x', objects(4, String(i)));
    expect(batches.map(({ tenantId }) => tenantId)).toEqual(['busy', 'busy', 'busy']);
    void gatherer.add('quiet', 'y', objects(4));
    expect(batches.at(-1)?.tenantId).toBe('quiet');
  });

  it('goes on with what waited as slots become free', async () => {
    const { gatherer, batches } = gathererWith({ slots: 1 });
    const items = ['a', 'b', 'c'].map((item) => gatherer.add('t', item, objects(4, item)));
    for (let ended = 0; ended < 3; ended += 1) {
      await until(() => batches[ended]);
      batches[ended]?.end();
    }
    await Promise.all(items);
    expect(batches.map((batch) => batch.items)).toEqual([['a'], ['b'], ['c']]);
  });

  it('lets what is mostly about objects under way wait for their end, and takes it together', async () => {
    const { gatherer, batches } = gathererWith({});
    void gatherer.add('t', 'first', ['1', '2']);
    await until(() => batches.length);
    for (const item of ['second', 'third']) void gatherer.add('t', item, ['2', '3']);
    void gatherer.add('t', 'other', ['2', '4', '5']);
    await until(() => batches.length === 2);
    expect(batches[1]?.items).toEqual(['other']);
    gatherer.hurry();
    expect(batches).toHaveLength(2);
    batches[1]?.end();
    batches[0]?.end();
    await until(() => batches.length === 3);
    expect(batches[2]?.items).toEqual(['second', 'third']);
  });

  it('does not wait for a micro-batch that hangs', async () => {
    const { gatherer, batches } = gathererWith({ patienceMs: 5 });
    void gatherer.add('t', 'first', ['1']);
    await until(() => batches.length);
    void gatherer.add('t', 'again', ['1']);
    await until(() => batches.length === 2);
    expect(batches[1]?.items).toEqual(['again']);
  });

  it('fills a micro-batch with what tells of nothing else', async () => {
    const { gatherer, batches } = gathererWith({ slots: 1 });
    void gatherer.add('t', 'first', ['first']);
    await until(() => batches.length);
    void gatherer.add('t', 'a', objects(3));
    void gatherer.add('t', 'b', objects(2, 'other'));
    void gatherer.add('t', 'c', objects(2));
    batches[0]?.end();
    await until(() => batches.length === 2);
    expect(batches[1]?.items).toEqual(['a', 'c']);
  });
});
