import { describe, expect, it } from '@jest/globals';
import type { Change, Outcome } from '../../../src/change.ts';
import { isSplitDue, planSettlement } from '../../../src/queue/split.ts';
import { buildChange } from '../../support/build-change.ts';

const done: Outcome = { kind: 'done' };
const complete = { kind: 'complete' };
const [a, b, c] = [buildChange('a'), buildChange('b'), buildChange('c')];
const lastTry = buildChange('a', { attempt: 11 });
const dead: Outcome = { kind: 'dead', reason: 'BadId', description: 'Graph says no' };

function plan(sets: Change[][], changes: Change[], outcomes: Outcome[], parks = 0) {
  return planSettlement({
    tenantId: 't',
    sets: sets.map((set) => ({ changes: set, parks })),
    changes,
    outcomes,
    random: () => 0,
  });
}

describe('the outcomes of a micro-batch', () => {
  it('complete every set whose objects are done', () => {
    expect(plan([[a, b], [c]], [a, b, c], [done, done, done])).toMatchObject({
      sends: [],
      settlements: [complete, complete],
    });
  });

  it('split off a failing object with one attempt more, and complete its set', () => {
    const { sends, settlements } = plan([[a, b]], [a, b], [{ kind: 'retry', reason: '503' }, done]);
    expect(sends).toMatchObject([{ changes: [{ id: 'a', attempt: 1 }], delayMs: 10_000 }]);
    expect(settlements).toEqual([complete]);
  });

  it('take the change and the delay that a retry brings', () => {
    const changed = buildChange('a', { missingSince: '2026-11-29T10:00:00Z' });
    const retry: Outcome = { kind: 'retry', reason: '404', delayMs: 70, change: changed };
    expect(plan([[a]], [a], [retry]).sends).toMatchObject([
      { changes: [{ ...changed, attempt: 1 }], delayMs: 70 },
    ]);
  });

  it('5.6: send one retry for an object of several sets', () => {
    const { sends, settlements } = plan(
      [[a], [a, b], [a]],
      [a, b],
      [{ kind: 'retry', reason: 'x' }, done],
    );
    expect(sends).toHaveLength(1);
    expect(settlements).toEqual([complete, complete, complete]);
  });

  it('dead-letter a set of one with reason and description', () => {
    expect(plan([[a]], [a], [dead])).toMatchObject({
      sends: [],
      settlements: [{ kind: 'deadLetter', reason: 'BadId', description: 'Graph says no' }],
    });
  });

  it('send a dead object of a larger set on alone, at once, so that it becomes a dead letter of its own', () => {
    const { sends, settlements } = plan([[a, b]], [a, b], [dead, done]);
    expect(sends).toEqual([{ tenantId: 't', traceparent: undefined, changes: [a] }]);
    expect(settlements).toEqual([complete]);
  });

  it('make one dead letter of an object that came in several sets of one', () => {
    expect(plan([[a], [a]], [a], [dead]).settlements).toMatchObject([
      { kind: 'deadLetter' },
      complete,
    ]);
  });

  it('dead-letter after the last try', () => {
    const { settlements } = plan([[lastTry]], [lastTry], [{ kind: 'retry', reason: 'timeout' }]);
    expect(settlements).toEqual([
      {
        kind: 'deadLetter',
        reason: 'TriedTooOften',
        description: 'tried 12 times; the last time: timeout',
      },
    ]);
  });

  it('5.2: park what must wait as one set, later each time, with no attempt burnt', () => {
    const park: Outcome = { kind: 'park', reason: 'MongoDB is away' };
    const { sends, settlements, parked } = plan([[a, b], [lastTry]], [lastTry, b], [park, park], 2);
    expect(sends).toMatchObject([{ changes: [lastTry, b], delayMs: 120_000, parks: 3 }]);
    expect(settlements).toEqual([complete, complete]);
    expect(parked).toBe(2);
  });

  it('5.2: park for as long as the longest wait that was asked for', () => {
    const park = (delayMs: number): Outcome => ({ kind: 'park', reason: '429', delayMs });
    expect(plan([[a, b]], [a, b], [park(7_000), park(9_000)]).sends).toMatchObject([
      { delayMs: 9_000 },
    ]);
  });

  it('try an object again for which no outcome was given', () => {
    expect(plan([[a]], [a], []).sends).toMatchObject([{ changes: [{ attempt: 1 }] }]);
  });
});

describe('consistency 5.3: split on the third delivery', () => {
  it.each([
    [0, 2, false],
    [1, 2, false],
    [2, 2, true],
    [7, 2, true],
    [2, 1, false],
    [undefined, 2, false],
  ])('delivery count %s with %i changes: %s', (deliveryCount, changes, due) => {
    expect(isSplitDue(deliveryCount, changes)).toBe(due);
  });
});
