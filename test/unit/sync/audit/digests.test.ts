import { describe, expect, it } from '@jest/globals';
import {
  createDigestTable,
  discrepancies,
  type Discrepancy,
  type Entry,
} from '../../../../src/sync/audit/digest-table.ts';
import { SetDigest } from '../../../../src/sync/audit/digest.ts';
import { openScratch } from '../../../../src/sync/audit/scratch.ts';
import { shardCount, shardOf } from '../../../../src/sync/audit/shards.ts';

const digestOf = (...texts: string[]) => {
  const digest = new SetDigest();
  for (const text of texts) digest.add(text);
  return String(digest);
};

describe('the digest of a set', () => {
  it('does not depend on the order of what was added', () => {
    expect(digestOf('a', 'b', 'c')).toBe(digestOf('c', 'a', 'b'));
  });

  it.each([
    [['a', 'b'], ['a']],
    [['a'], []],
    [
      ['a', 'b'],
      ['a', 'c'],
    ],
    [['a', 'b', 'b'], ['a']],
  ])('tells %j from %j', (one, other) => {
    expect(digestOf(...one)).not.toBe(digestOf(...other));
  });
});

describe('a shard', () => {
  it('is told by the beginning of an id', () => {
    expect([shardOf('00ff'), shardOf('1a00'), shardOf('ffff')]).toEqual([0, 0x1a, 255]);
  });

  it('ascends with the keys, whatever they look like', () => {
    const keys = ['!', '0', '00', '9z', 'A0', 'Zz', '_', 'a0', 'az', 'fg', 'ff', 'zz', 'é'];
    const shards = keys.toSorted().map(shardOf);
    expect(shards).toEqual(shards.toSorted((a, b) => a - b));
    expect(Math.max(...shards)).toBeLessThan(shardCount);
  });
});

async function* inOrder(entries: Entry[]) {
  yield* entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

async function compare(
  source: Entry[],
  held: Entry[],
  memory?: number,
): Promise<Discrepancy<Entry>[]> {
  const scratch = openScratch(memory);
  try {
    const table = createDigestTable(scratch);
    for (const entry of source) await table.add(entry);
    const found: Discrepancy<Entry>[] = [];
    for await (const one of discrepancies(table, inOrder(held))) found.push(one);
    return found;
  } finally {
    await scratch.close();
  }
}

const entriesUpTo = (count: number): Entry[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `${((index * 37) % 256).toString(16).padStart(2, '0')}-${index}`,
    digest: `digest of ${index}`,
  }));

describe('a comparison by digests', () => {
  it('finds nothing between equal sides', async () => {
    expect(await compare(entriesUpTo(1_000), entriesUpTo(1_000))).toEqual([]);
  });

  it('finds what is missing, extra and different, in any shard, and nothing else', async () => {
    const source = entriesUpTo(1_000);
    const [first, second, third, ...rest] = source;
    const extra = { key: 'zz', digest: 'extra' };
    const found = await compare(source, [
      ...[first!, { ...third!, digest: 'another' }, ...rest],
      extra,
    ]);
    expect(found).toEqual([
      { key: second!.key, digest: second!.digest },
      { key: third!.key, digest: third!.digest, held: { key: third!.key, digest: 'another' } },
      { key: 'zz', held: extra },
    ]);
  });

  it('finds everything where one side is empty', async () => {
    expect(await compare([], entriesUpTo(300))).toHaveLength(300);
    expect(await compare(entriesUpTo(300), [])).toHaveLength(300);
  });

  it('is the same when the source does not fit into memory', async () => {
    const source = entriesUpTo(2_000);
    const held = source.filter((_, index) => index % 500 !== 7);
    const inMemory = await compare(source, held);
    expect(inMemory).toHaveLength(4);
    expect(await compare(source, held, 1_000)).toEqual(inMemory);
  });

  it('counts an entry that the source showed twice once', async () => {
    const [one] = entriesUpTo(1);
    expect(await compare([one!, one!], [one!])).toEqual([]);
  });

  it('reads entries of a shard only where its digests differ', async () => {
    const scratch = openScratch();
    const table = createDigestTable(scratch);
    for (const entry of entriesUpTo(512)) await table.add(entry);
    const read: number[] = [];
    const watched = {
      ...table,
      entries: (shard: number) => {
        read.push(shard);
        return table.entries(shard);
      },
    };
    const held = entriesUpTo(512).filter(({ key }) => !key.startsWith('2f'));
    for await (const { key } of discrepancies(watched, inOrder(held)))
      expect(key.slice(0, 2)).toBe('2f');
    expect(read).toEqual([0x2f]);
    await scratch.close();
  });
});
