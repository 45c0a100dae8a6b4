import { describe, expect, it } from '@jest/globals';
import type { DeltaItem } from '../../../src/graph/types.ts';
import type { MirrorState, StoredEdge, StoredObject } from '../../../src/mirror/types.ts';
import { contradicts, differs, hinted } from '../../../src/sync/compare.ts';

const item = (overrides: Partial<DeltaItem> = {}): DeltaItem => ({
  ...{ type: 'user', id: 'U', properties: {}, edges: [] },
  ...overrides,
});
const held = (state: MirrorState, fields: object = {}) =>
  ({ ...fields, mirror: { state } }) as unknown as StoredObject;
const marked = (mark: 'held' | 'kept') =>
  ({
    mirror: { state: 'active', [mark]: { hold: 'h', at: new Date() } },
  }) as unknown as StoredObject;
const active = held('active', { city: 'Oslo', managerId: 'M', otherMails: ['a', 'b'], fax: null });

describe('a delta item differs from the mirror', () => {
  it.each<[string, boolean, DeltaItem, StoredObject | undefined]>([
    ['if the object is unknown', true, item(), undefined],
    ['if the object is buried', true, item(), held('softDeleted')],
    ['if it shows another value', true, item({ properties: { city: 'Rome' } }), active],
    ['not if it shows the same', false, item({ properties: { city: 'Oslo' } }), active],
    ['not for what it does not show', false, item(), active],
    ['not if it clears what is null', false, item({ properties: { fax: null } }), active],
    ['not for null of what is not held', false, item({ properties: { x: null } }), active],
    ['not for another order', false, item({ properties: { otherMails: ['b', 'a'] } }), active],
    ['if a list is longer', true, item({ properties: { otherMails: ['a'] } }), active],
    ['if it shows another manager', true, item({ managerId: null }), active],
    ['not if it shows the same manager', false, item({ managerId: 'M' }), active],
    ['if it is removed and active here', true, item({ removed: 'changed' }), active],
    ['not if it is buried here', false, item({ removed: 'changed' }), held('softDeleted')],
    ['not if it is purged here', false, item({ removed: 'changed' }), held('purged')],
    [
      'if it is purged and only buried here',
      true,
      item({ removed: 'deleted' }),
      held('softDeleted'),
    ],
    ['not if its removal is held here', false, item({ removed: 'changed' }), marked('held')],
    ['not if its removal was rejected here', false, item({ removed: 'deleted' }), marked('kept')],
    ['if it is alive and its removal is held here', true, item(), marked('held')],
    ['if it is alive and its removal was rejected here', true, item(), marked('kept')],
    ['if it is purged and unknown here', true, item({ removed: 'deleted' }), undefined],
    ['not if it is purged here too', false, item({ removed: 'deleted' }), held('purged')],
    [
      'if it is new, and does not show what was cleared since',
      true,
      item({ properties: { createdDateTime: 'C' }, managerId: 'M' }),
      held('active', { createdDateTime: 'C', managerId: 'M', fax: '1' }),
    ],
    [
      'if it is new, and does not show a manager who was cleared since',
      true,
      item({ properties: { createdDateTime: 'C' } }),
      held('active', { createdDateTime: 'C', managerId: 'M' }),
    ],
    [
      'not if it is new and held as it is',
      false,
      item({ properties: { createdDateTime: 'C' } }),
      held('active', { createdDateTime: 'C', managerId: null, fax: null }),
    ],
  ])('%s', (_name, expected, shown, stored) => {
    expect(differs(shown, stored)).toBe(expected);
  });

  it('and announces a deletion for a purge only', () => {
    expect(hinted(item({ removed: 'deleted' })).changeType).toBe('deleted');
    expect(hinted(item({ removed: 'changed' })).changeType).toBe('updated');
  });
});

describe('a replayed membership contradicts the mirror', () => {
  const edge = (present: boolean, mirror: object = {}) => ({ present, mirror }) as StoredEdge;
  it.each<[boolean, boolean, StoredEdge | undefined]>([
    [false, true, edge(true)],
    [true, true, edge(false)],
    [true, true, undefined],
    [true, false, edge(true)],
    [false, false, edge(false)],
    [false, false, undefined],
    [false, false, edge(true, { held: { hold: 'h' } })],
    [false, false, edge(true, { kept: { hold: 'h' } })],
  ])('%s for present %s and %j held', (expected, present, stored) => {
    expect(contradicts({ present }, stored)).toBe(expected);
  });
});
