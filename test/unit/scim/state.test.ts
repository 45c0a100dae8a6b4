import { describe, expect, it } from '@jest/globals';
import { withCalls } from '../../../src/scim/connections/activity.ts';
import { stateOf } from '../../../src/scim/connections/state.ts';
import type { Activity, StoredConnection } from '../../../src/scim/types.ts';

const minute = 60_000;
const began = new Date('2026-11-29T10:00:00Z').getTime();
const at = (minutes: number) => new Date(began + minutes * minute);

/** Calls at these minutes, each with one user written. */
const called = (...minutes: number[]): Activity =>
  minutes.reduce<Activity>(
    (activity, time) =>
      withCalls(activity, {
        ...{ firstAt: at(time), lastAt: at(time), calls: 1 },
        ...{ users: 1, groups: 0, members: 0, failures: 0 },
      }),
    { version: 0, cycles: [] },
  );

const secret = { keyId: 'k', hash: '', createdAt: at(0), endsAt: null, lastUsedAt: null };
const connection = (more: Partial<StoredConnection> = {}): StoredConnection => ({
  ...{ _id: 'c', name: 'Acme', mode: 'scim', tenantId: null, paused: false, createdAt: at(0) },
  ...{ signingKey: '', secrets: [secret], users: true, groups: true, attributes: [] },
  ...{ activity: { version: 0, cycles: [] }, history: [] },
  ...more,
});

describe('the state of a connection', () => {
  it.each<[string, Partial<StoredConnection>, number, string]>([
    ['nobody has called', {}, 1, 'waiting'],
    ['it has no secret', { secrets: [] }, 1, 'degraded'],
    ['its only secret has ended', { secrets: [{ ...secret, endsAt: at(1) }] }, 2, 'degraded'],
    ['it is paused', { paused: true, activity: called(1) }, 2, 'paused'],
    ['the first calls write', { activity: called(1, 2, 3) }, 5, 'initial'],
    ['they have ended for a while', { activity: called(1, 2, 3) }, 20, 'live'],
    ['Entra calls every 40 minutes', { activity: called(1, 41, 81) }, 100, 'live'],
    ['three cycles are missed', { activity: called(1, 41) }, 41 + 130, 'degraded'],
    ['Entra comes back after hours', { activity: called(1, 41, 41 + 370) }, 420, 'quarantined'],
    ['a wrong secret came last', { activity: { ...called(1), refusedAt: at(2) } }, 3, 'degraded'],
    ['Graph lacks a permission', { mode: 'graph', granted: ['User.Read.All'] }, 1, 'degraded'],
    ['Graph has both', { mode: 'graph', granted: ['User.Read.All', 'Group.Read.All'] }, 1, 'live'],
  ])('where %s', (_what, more, minutes, name) => {
    const state = stateOf(connection(more), at(minutes));
    expect(state.name).toBe(name);
    expect(state.advice).not.toBe('');
  });

  it('dates the end of the initial cycle, and keeps it', () => {
    const activity = called(1, 2, ...Array.from({ length: 12 }, (_, cycle) => 42 + 40 * cycle));
    const { initialCycle } = stateOf(connection({ activity }), at(500));
    expect(initialCycle).toMatchObject({ startedAt: at(1), completedAt: at(2), users: 2 });
  });
});
