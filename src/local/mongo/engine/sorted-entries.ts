import type { StoredRecord } from './collection.ts';

interface Entry {
  key: string;
  record: StoredRecord;
}

const chunkSize = 512;

/** Entries in order of their keys, each key once. Kept in chunks, so that an insert moves few of them. */
export class SortedEntries {
  readonly #chunks: Entry[][] = [];

  add(entry: Entry): void {
    const at = Math.max(0, this.#chunkFor(entry.key));
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([entry]);
      return;
    }
    chunk.splice(positionIn(chunk, entry.key), 0, entry);
    if (chunk.length > chunkSize) this.#chunks.splice(at + 1, 0, chunk.splice(chunkSize / 2));
  }

  remove(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (!chunk) return;
    const position = positionIn(chunk, key);
    if (chunk[position]?.key !== key) return;
    chunk.splice(position, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** Entries with `low <= key < high`. Do not change the list while reading it. */
  *range(low: string, high: string): Generator<Entry> {
    let at = Math.max(0, this.#chunkFor(low));
    let chunk = this.#chunks[at];
    let position = chunk ? positionIn(chunk, low) : 0;
    while (chunk) {
      for (; position < chunk.length; position++) {
        const entry = chunk[position];
        if (!entry || entry.key >= high) return;
        yield entry;
      }
      chunk = this.#chunks[++at];
      position = 0;
    }
  }

  /** The same entries, the greatest first. */
  *rangeDown(low: string, high: string): Generator<Entry> {
    let at = this.#chunkFor(high);
    let chunk = this.#chunks[at];
    let position = chunk ? positionIn(chunk, high) - 1 : 0;
    while (chunk) {
      for (; position >= 0; position--) {
        const entry = chunk[position];
        if (!entry || entry.key < low) return;
        yield entry;
      }
      chunk = this.#chunks[--at];
      position = (chunk?.length ?? 0) - 1;
    }
  }

  /** The last chunk that starts at or before a key, -1 where all start after it. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.#chunks[middle]?.[0];
      if (first && first.key <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Where the first entry not below a key is, or would be. */
function positionIn(chunk: readonly Entry[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = chunk[middle];
    if (entry && entry.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
