import { createHash } from 'node:crypto';

/** Digest of many entries together: neither their order nor how they were cut into pages counts. */
export class SetDigest {
  count = 0;
  #sum = 0n;

  add(text: string): void {
    this.count += 1;
    this.#sum ^= hash64(text);
  }

  toString(): string {
    return `${this.count}:${this.#sum.toString(16)}`;
  }
}

function hash64(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigUInt64BE();
}
