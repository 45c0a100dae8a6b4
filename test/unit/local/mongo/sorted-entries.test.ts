import { describe, expect, it } from '@jest/globals';
import { SortedEntries } from '../../../../src/local/mongo/engine/sorted-entries.ts';

const record = { idKey: '', doc: {} };
const name = (n: number) => String(n).padStart(6, '0');
const keys = (entries: Iterable<{ key: string }>) => [...entries].map(({ key }) => key);

/** 3,000 entries, added in an order that is not theirs, every third one taken out again. */
function filled(): { entries: SortedEntries; expected: string[] } {
  const entries = new SortedEntries();
  for (let n = 0; n < 3_000; n++) entries.add({ key: name((n * 1_237) % 3_000), record });
  for (let n = 0; n < 3_000; n += 3) entries.remove(name(n));
  const all = Array.from({ length: 3_000 }, (_, n) => n);
  return { entries, expected: all.filter((n) => n % 3 !== 0).map(name) };
}

describe('sorted entries', () => {
  it('are read upwards and downwards', () => {
    const { entries, expected } = filled();
    expect(keys(entries.range('', '~'))).toEqual(expected);
    expect(keys(entries.rangeDown('', '~'))).toEqual(expected.toReversed());
  });

  it('are read from a key that may be missing, up to but not with another', () => {
    const { entries, expected } = filled();
    for (const [low, high] of [
      [name(0), name(1)],
      [name(511), name(1_024)],
      [name(2_990), name(9_999)],
      [name(600), name(600)],
    ] as const) {
      const inside = expected.filter((key) => key >= low && key < high);
      expect(keys(entries.range(low, high))).toEqual(inside);
      expect(keys(entries.rangeDown(low, high))).toEqual(inside.toReversed());
    }
  });

  it('forget what was removed, and mind nothing that was never there', () => {
    const entries = new SortedEntries();
    entries.remove('nothing');
    entries.add({ key: 'a', record });
    entries.remove('b');
    entries.remove('a');
    expect(keys(entries.range('', '~'))).toEqual([]);
    expect(keys(entries.rangeDown('', '~'))).toEqual([]);
  });
});
