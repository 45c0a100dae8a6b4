import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { deltaItem } from '../../../src/graph/delta.ts';
import { propertyTable } from '../../../src/graph/properties.ts';

const table = propertyTable();
const items = (name: string) =>
  (JSON.parse(readFileSync(`test/fixtures/graph/${name}.json`, 'utf8')) as { value: object[] })
    .value;
const user = '#microsoft.graph.user';

describe('a delta item', () => {
  it('shows only the properties that changed, and a cleared one as null', () => {
    const raw = { id: 'u', displayName: 'New', mail: null, skills: [] };
    expect(deltaItem('user', raw, table)).toEqual({
      ...{ type: 'user', id: 'u', edges: [] },
      properties: { displayName: 'New', mail: null },
    });
  });

  it('tells a soft deletion from one for good, and takes an unknown reason for the milder', () => {
    const [, removed] = items('delta-users-changes-removed-changed');
    expect(deltaItem('user', removed, table)).toMatchObject({ removed: 'changed' });
    const reasonOf = (value: unknown) =>
      deltaItem('user', { id: 'u', '@removed': value }, table).removed;
    expect(reasonOf({ reason: 'deleted' })).toBe('deleted');
    expect(reasonOf({ reason: 'moved' })).toBe('changed');
    expect(reasonOf('deleted')).toBe('changed');
  });

  it('shows members who came and went, of one page of a large group', () => {
    const [group] = items('delta-groups-largegroup-page1');
    expect(deltaItem('group', group, table).edges).toMatchObject([
      { kind: 'member', memberType: 'user', removed: true },
      { kind: 'member', memberType: 'user', removed: false },
    ]);
  });

  it('shows owners apart from members, whatever their type', () => {
    const raw = {
      id: 'g',
      'members@delta': [{ id: 'd', '@odata.type': '#microsoft.graph.device' }, { id: 'x' }],
      'owners@delta': [{ id: 's', '@odata.type': '#microsoft.graph.servicePrincipal' }],
    };
    expect(deltaItem('group', raw, table).edges).toEqual([
      { kind: 'member', memberId: 'd', memberType: 'device', removed: false },
      { kind: 'member', memberId: 'x', removed: false },
      { kind: 'owner', memberId: 's', memberType: 'servicePrincipal', removed: false },
    ]);
  });

  it('shows a manager who came', () => {
    const [raw] = items('delta-users-manager');
    expect(deltaItem('user', raw, table).managerId).toBe('99789584-a1e1-4232-90e5-866170e3d4e7');
  });

  it.each([
    ['removed', [{ id: 'm', '@removed': { reason: 'deleted' } }], null],
    ['none', [], null],
    [
      'replaced',
      [
        { id: 'new', '@odata.type': user },
        { id: 'old', '@removed': { reason: 'deleted' } },
      ],
      'new',
    ],
  ])('shows a manager who is %s', (_name, shown, managerId) => {
    expect(deltaItem('user', { id: 'u', 'manager@delta': shown }, table).managerId).toBe(managerId);
  });

  it('says nothing of a manager whom it does not show', () => {
    expect(deltaItem('user', { id: 'u' }, table)).not.toHaveProperty('managerId');
  });

  it.each([[{}], [null], [{ id: 'g', 'members@delta': [{}] }], [{ id: 'g', 'members@delta': 1 }]])(
    'cannot be %j',
    (raw) => {
      expect(() => deltaItem('group', raw, table)).toThrow(/cannot be read/);
    },
  );
});
