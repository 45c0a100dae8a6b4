/** One shard for each beginning of an object id; ids of Entra are random, so that shards are alike. */
export const shardCount = 256;

const beginnings = Array.from({ length: shardCount }, (_, shard) =>
  shard.toString(16).padStart(2, '0'),
);
const shardByBeginning = new Map(beginnings.map((beginning, shard) => [beginning, shard]));

/** Keys in MongoDB's order have shards in ascending order, whatever they look like. */
export function shardOf(key: string): number {
  const known = shardByBeginning.get(key.slice(0, 2));
  return (
    known ??
    Math.max(
      0,
      beginnings.findLastIndex((beginning) => beginning <= key),
    )
  );
}
