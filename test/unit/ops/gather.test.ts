import { describe, expect, it } from '@jest/globals';
import { createGather } from '../../../src/ops/gather.ts';

/** Runs that end when they are told to. */
function held() {
  const runs: { key: string; items: string[]; end: () => void; fail: (error: Error) => void }[] =
    [];
  const run = (items: string[], key: string) =>
    new Promise<string[]>((resolve, reject) => {
      runs.push({ key, items, end: () => resolve(items.map((item) => `${item}!`)), fail: reject });
    });
  return { runs, run };
}

describe('calls that come together', () => {
  it('become one: the first at once, those that came meanwhile after it', async () => {
    const { runs, run } = held();
    const call = createGather(run);
    const all = Promise.all(['a', 'b', 'c'].map((item) => call(item)));
    expect(runs.map(({ items }) => items)).toEqual([['a']]);
    runs[0]!.end();
    await new Promise(setImmediate);
    expect(runs.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
    runs[1]!.end();
    expect(await all).toEqual(['a!', 'b!', 'c!']);
  });

  it('do not wait for those of another key', () => {
    const { runs, run } = held();
    const call = createGather(run);
    void call('a', 'one');
    void call('b', 'two');
    expect(runs.map(({ key, items }) => [key, ...items])).toEqual([
      ['one', 'a'],
      ['two', 'b'],
    ]);
  });

  it('fail together, and the next ones are tried again', async () => {
    const { runs, run } = held();
    const call = createGather(run);
    const first = call('a');
    runs[0]!.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    const second = call('b');
    await new Promise(setImmediate);
    runs[1]!.end();
    expect(await second).toBe('b!');
  });

  it('are no more at a time than is allowed, and always one', async () => {
    const { runs, run } = held();
    const call = createGather(run, { most: 4, weightOf: ({ length }) => length });
    const calls = ['a', 'bb', 'cc', 'd', 'eeeeee'].map((item) => call(item));
    for (let at = 0; at < 4; at++) {
      runs[at]!.end();
      await new Promise(setImmediate);
    }
    await Promise.all(calls);
    expect(runs.map(({ items }) => items)).toEqual([['a'], ['bb', 'cc'], ['d'], ['eeeeee']]);
  });
});
