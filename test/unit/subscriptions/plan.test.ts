import { describe, expect, it } from '@jest/globals';
import { desired, furthestExpiry } from '../../../src/subscriptions/desired.ts';
import { onConflict, plan, retryAfter } from '../../../src/subscriptions/plan.ts';
import type { SubscriptionRecord } from '../../../src/subscriptions/types.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = new Date('2026-03-01T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);
const [users] = desired('https://mirror.example');

function recordOf(overrides: Partial<SubscriptionRecord> = {}): SubscriptionRecord {
  return {
    ...{ _id: 'one', tenantId: 'tenant', ...users!, clientStateHash: 'hash', state: 'active' },
    ...{ subscriptionId: 'S1', createdAt: ago(day), renewedAt: ago(day), checkedAt: ago(minute) },
    ...{ expiresAt: new Date(now.getTime() + 27 * day), failures: 0, retryAt: null },
    ...overrides,
  };
}

const expired = { expiresAt: ago(minute) };
const halfway = { renewedAt: ago(15 * day), expiresAt: new Date(now.getTime() + 14 * day) };
const later = { retryAt: new Date(now.getTime() + minute) };
const asked = { renewRequestedAt: ago(minute) };

describe('the plan for one wanted subscription', () => {
  it.each<[string, Partial<SubscriptionRecord>[], string[]]>([
    ['creates where there is none', [], ['create']],
    ['does nothing where all is well', [{}], []],
    ['renews at half of the life', [halfway], ['renew']],
    ['waits for the back-off of a failed renewal', [{ ...halfway, ...later }], []],
    ['creates anew what has expired', [expired], ['create']],
    ['renews at once on request', [asked], ['renew']],
    ['replaces one whose notifications never match', [{ mismatches: 20 }], ['replace']],
    ['bears a few mismatches', [{ mismatches: 19 }], []],
    [
      'takes no notice of mismatches where others match',
      [{ mismatches: 500, lastReceiptAt: ago(day) }],
      [],
    ],
    ['spaces a requested renewal from the last', [{ ...asked, renewedAt: ago(9 * minute) }], []],
    [
      'asks whether it still exists after five minutes',
      [{ checkedAt: ago(5 * minute) }],
      ['check'],
    ],
    [
      'moves to another PUBLIC_URL',
      [{ notificationUrl: 'https://old.example/notifications' }],
      ['delete', 'create'],
    ],
    ['deletes a duplicate of ours', [{}, { _id: 'two', createdAt: ago(2 * day) }], ['delete']],
    ['deletes what is no longer wanted', [{}, { _id: 'two', resource: 'devices' }], ['delete']],
    ['gives up a create call that never returned', [{ state: 'pending' }], ['giveUp', 'create']],
    ['creates again after an end', [{ state: 'ended' }], ['create']],
    ['waits for the back-off of a failed create', [{ state: 'ended', ...later }], []],
  ])('%s', (_name, records, kinds) => {
    const actions = plan([users!], records.map(recordOf), now);
    expect(actions.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('keeps the newest of two', () => {
    const records = [recordOf({ _id: 'old', createdAt: ago(2 * day) }), recordOf({ _id: 'new' })];
    expect(plan([users!], records, now)).toEqual([{ kind: 'delete', record: records[0] }]);
  });
});

describe('a subscription in the way', () => {
  const remote = {
    ...{ id: 'S1', resource: 'users', changeType: 'updated,deleted' },
    ...{ notificationUrl: users!.notificationUrl, expirationDateTime: now.toISOString() },
  };
  it('rule 7.2: is taken over only where its id is stored with a hash', () => {
    expect(onConflict(users!, remote, [recordOf()]).kind).toBe('takeOver');
    expect(onConflict(users!, remote, [recordOf({ subscriptionId: null })]).kind).toBe('replace');
  });
  it('is not fought where it delivers elsewhere', () => {
    const elsewhere = { ...remote, notificationUrl: 'https://another.example' };
    expect(onConflict(users!, elsewhere, [recordOf()]).kind).toBe('foreign');
  });
});

describe('times', () => {
  it('asks for less than the 41,760 minutes that Graph allows', () => {
    const lifeMs = Date.parse(furthestExpiry(now)) - now.getTime();
    expect(lifeMs).toBeLessThan(41_760 * minute);
    expect(lifeMs).toBeGreaterThan(28 * day);
  });
  it('waits longer after each failure, an hour at most', () => {
    const waits = [1, 2, 3, 30].map(
      (failures) => retryAfter(failures, now).getTime() - now.getTime(),
    );
    expect(waits).toEqual([minute / 2, minute, 2 * minute, 60 * minute]);
  });
});
