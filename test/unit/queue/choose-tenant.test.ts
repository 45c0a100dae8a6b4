import { describe, expect, it } from '@jest/globals';
import { chooseTenant } from '../../../src/queue/choose-tenant.ts';

describe("consistency 5.2: a tenant's share of the slots", () => {
  it.each<[string, string[], [string, number][], string | undefined]>([
    ['the first that waits, first', ['a', 'b'], [], 'a'],
    ['one alone, up to three quarters', ['a'], [['a', 5]], 'a'],
    ['a quarter stays free for the next', ['a'], [['a', 6]], undefined],
    ['a quarter while another waits', ['a', 'b'], [['a', 2]], 'b'],
    [
      'a quarter while another runs',
      ['a'],
      [
        ['a', 2],
        ['b', 1],
      ],
      undefined,
    ],
    [
      'nobody past the last slot',
      ['c'],
      [
        ['a', 4],
        ['b', 4],
      ],
      undefined,
    ],
    ['nobody where nobody waits', [], [], undefined],
  ])('%s', (_, waiting, running, expected) => {
    expect(chooseTenant(waiting, new Map(running), 8)).toBe(expected);
  });
});
