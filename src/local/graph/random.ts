/** Numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number;

/** Mulberry32: small, fast and good enough to draw people and faults. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One seed out of several numbers, so that `(seed, sequence)` draws the same after a restart. */
export function mixSeeds(...seeds: readonly number[]): number {
  return seeds.reduce(
    (mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) ^ (mixed >>> 13),
    0x2545f491,
  );
}

export function seedOf(text: string): number {
  return mixSeeds(...Buffer.from(text));
}

/** A version 4 UUID made of drawn bits. */
export function drawUuid(random: Random): string {
  const word = () => Math.floor(random() * 2 ** 32);
  const bytes = Buffer.alloc(16);
  for (let offset = 0; offset < 16; offset += 4) bytes.writeUInt32BE(word(), offset);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** A whole number from 0 to `below` - 1. */
export function drawInteger(random: Random, below: number): number {
  return Math.floor(random() * below);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[drawInteger(random, list.length)];
  if (item === undefined) throw new Error('nothing to pick from: the list is empty');
  return item;
}

/** A shuffled copy (Fisher and Yates). */
export function shuffle<T>(random: Random, list: readonly T[]): T[] {
  const rest = [...list];
  const shuffled: T[] = [];
  while (rest.length > 0) {
    const [item] = rest.splice(drawInteger(random, rest.length), 1);
    if (item !== undefined) shuffled.push(item);
  }
  return shuffled;
}
