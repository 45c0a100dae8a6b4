import { describe, expect, it } from '@jest/globals';
import { defaultRemovalLimits, isMassRemoval } from '../../../src/mirror/removal-limit.ts';

describe('a mass removal (rule 4.2)', () => {
  it.each([
    ['objects', 20, 100, false],
    ['objects', 21, 100, true],
    ['objects', 21, 0, true],
    ['objects', 100, 1_000, false],
    ['objects', 101, 1_000, true],
    ['members', 50, 50, false],
    ['members', 20, 51, false],
    ['members', 21, 51, true],
    ['members', 20_000, 200_000, false],
    ['members', 20_001, 200_000, true],
  ] as const)('of %s: %i of %i is one: %s', (of, removed, active, expected) => {
    expect(isMassRemoval(of, { removed, active }, defaultRemovalLimits)).toBe(expected);
  });

  it('follows other limits where they are set', () => {
    const limits = { least: 2, share: 0.5, smallGroup: 3 };
    expect(isMassRemoval('objects', { removed: 3, active: 4 }, limits)).toBe(true);
    expect(isMassRemoval('objects', { removed: 3, active: 6 }, limits)).toBe(false);
    expect(isMassRemoval('members', { removed: 3, active: 3 }, limits)).toBe(false);
  });
});
