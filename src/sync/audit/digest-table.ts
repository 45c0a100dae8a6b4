import { SetDigest } from './digest.ts';
import type { Scratch } from './scratch.ts';
import { shardCount, shardOf } from './shards.ts';

export interface Entry {
  key: string;
  digest: string;
}

/** Digests of one side of a comparison, taken in any order; memory holds those of a shard together. */
export interface DigestTable {
  add(entry: Entry): Promise<void>;
  /** Digest of all entries of a shard. */
  shardDigest(shard: number): string;
  entries(shard: number): Promise<Entry[]>;
}

export function createDigestTable(scratch: Scratch): DigestTable {
  const spill = scratch.spill();
  const digests = Array.from({ length: shardCount }, () => new SetDigest());
  return {
    async add({ key, digest }) {
      const shard = shardOf(key);
      const line = lineOf({ key, digest });
      digests[shard]?.add(line);
      await spill.append(shard, line);
    },
    shardDigest: (shard) => String(digests[shard]),
    entries: async (shard) => (await spill.lines(shard)).map(entryOf),
  };
}

/** What one key is on each side; absent on a side that does not have it. */
export interface Discrepancy<Held> {
  key: string;
  digest?: string;
  held?: Held;
}

/**
 * Compares a source with what is held, which comes in the order of its keys: shard by shard first, and
 * entry by entry only where the digests of a shard differ.
 */
export async function* discrepancies<Held extends Entry>(
  source: DigestTable,
  held: AsyncIterable<Held>,
): AsyncGenerator<Discrepancy<Held>> {
  for await (const { shard, entries } of byShard(held)) {
    const digest = new SetDigest();
    for (const entry of entries) digest.add(lineOf(entry));
    if (String(digest) === source.shardDigest(shard)) continue;
    yield* withinShard(await source.entries(shard), entries);
  }
}

function* withinShard<Held extends Entry>(
  source: readonly Entry[],
  held: readonly Held[],
): Generator<Discrepancy<Held>> {
  const expected = new Map(source.map(({ key, digest }) => [key, digest]));
  for (const entry of held) {
    const digest = expected.get(entry.key);
    expected.delete(entry.key);
    if (digest === undefined) yield { key: entry.key, held: entry };
    else if (digest !== entry.digest) yield { key: entry.key, digest, held: entry };
  }
  for (const [key, digest] of expected) yield { key, digest };
}

/** Every shard in its order, empty ones too. */
async function* byShard<E extends Entry>(
  ordered: AsyncIterable<E>,
): AsyncGenerator<{ shard: number; entries: E[] }> {
  let shard = 0;
  let entries: E[] = [];
  for await (const entry of ordered) {
    for (const next = shardOf(entry.key); shard < next; shard += 1) {
      yield { shard, entries };
      entries = [];
    }
    entries.push(entry);
  }
  for (; shard < shardCount; shard += 1) {
    yield { shard, entries };
    entries = [];
  }
}

const lineOf = ({ key, digest }: Entry): string => `${key} ${digest}`;

function entryOf(line: string): Entry {
  const space = line.indexOf(' ');
  return { key: line.slice(0, space), digest: line.slice(space + 1) };
}
