import { describe, expect, it } from '@jest/globals';
import type { Change } from '../../../src/change.ts';
import { coalesce } from '../../../src/queue/coalesce.ts';
import { buildChange } from '../../support/build-change.ts';

const merged = (a: Partial<Change>, b: Partial<Change>) => {
  const [change, ...others] = coalesce([buildChange('u', a), buildChange('u', b)]);
  expect(others).toEqual([]);
  return change;
};

describe('consistency 5.6: copies of one object that meet go on as one', () => {
  it.each<[string, Partial<Change>, Partial<Change>, Partial<Change>]>([
    ['the highest attempt', { attempt: 2 }, { attempt: 5 }, { attempt: 5 }],
    [
      'the earliest receipt',
      { receivedAt: '2026-11-29T10:00:05Z' },
      { receivedAt: '2026-11-29T10:00:01.500Z' },
      { receivedAt: '2026-11-29T10:00:01.500Z' },
    ],
    ['a deletion', { changeType: 'deleted' }, { changeType: 'updated' }, { changeType: 'deleted' }],
    [
      'the first time it was missing',
      {},
      { missingSince: '2026-11-29T09:00:00Z' },
      { missingSince: '2026-11-29T09:00:00Z' },
    ],
    [
      'the greater fence of two hints',
      { origin: 'hint', sentAtFence: 3 },
      { origin: 'hint', sentAtFence: 7 },
      { origin: 'hint', sentAtFence: 7 },
    ],
    [
      'a second look of two',
      { origin: 'secondLook' },
      { origin: 'secondLook' },
      { origin: 'secondLook' },
    ],
    [
      'a notification',
      { origin: 'secondLook' },
      { origin: 'notification' },
      { origin: 'notification' },
    ],
    ['a hint', { origin: 'hint' }, { origin: 'secondLook' }, { origin: 'hint' }],
  ])('with %s, in either order', (_, a, b, expected) => {
    expect(merged(a, b)).toMatchObject(expected);
    expect(merged(b, a)).toMatchObject(expected);
  });

  it('2.4: without a fence to be skipped by, unless all copies have one', () => {
    const hint = { origin: 'hint', sentAtFence: 3 } as const;
    expect(merged(hint, {})).not.toHaveProperty('sentAtFence');
    expect(merged({}, hint)).not.toHaveProperty('sentAtFence');
  });

  it('keeps objects and kinds of lifecycle events apart, in their order', () => {
    const event = (lifecycle: Change['lifecycle']) =>
      buildChange('s', { type: 'subscription', lifecycle });
    const changes = [
      buildChange('u1'),
      buildChange('u2'),
      buildChange('u1', { type: 'group' }),
      event('missed'),
      event('reauthorizationRequired'),
    ];
    expect(coalesce([...changes, ...changes])).toEqual(changes);
  });
});
