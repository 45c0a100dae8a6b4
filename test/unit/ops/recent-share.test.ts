import { describe, expect, it } from '@jest/globals';
import { createRecentShare } from '../../../src/ops/recent-share.ts';

function setUp() {
  let now = 1_000_000;
  const recent = createRecentShare({ now: () => now, sleep: async () => undefined }, 600_000);
  return { recent, pass: (ms: number) => (now += ms) };
}

describe('a recent share', () => {
  it('is 0 where nothing was noted', () => {
    expect(setUp().recent.share()).toBe(0);
  });

  it('is that of the hits', () => {
    const { recent, pass } = setUp();
    for (const hit of [true, false, false]) recent.note(hit);
    pass(200_000);
    recent.note(false);
    expect(recent.share()).toBe(0.25);
  });

  it('forgets what is older than the window', () => {
    const { recent, pass } = setUp();
    recent.note(true);
    pass(590_000);
    recent.note(false);
    pass(60_000);
    expect(recent.share()).toBe(0);
    pass(600_000);
    expect(recent.share()).toBe(0);
  });
});
