import type { RemoteSubscription, SubscriptionRecord, Wanted } from './types.ts';

export type Action =
  /** `instead` has ended or expired; the gap is swept. */
  | { kind: 'create'; wanted: Wanted; instead?: SubscriptionRecord }
  | { kind: 'renew'; record: SubscriptionRecord }
  /** Ask Graph whether it still exists: it announces no loss for directory objects. */
  | { kind: 'check'; record: SubscriptionRecord }
  /** Nothing that comes for it has ever matched: its clientState is not what we think. */
  | { kind: 'replace'; record: SubscriptionRecord }
  | { kind: 'delete'; record: SubscriptionRecord }
  /** A create call that never returned to whoever made it. */
  | { kind: 'giveUp'; record: SubscriptionRecord };

const minute = 60_000;
/** Graph asks not to PATCH and reauthorize the same subscription within ten minutes. */
const spacingMs = 10 * minute;
const checkEveryMs = 5 * minute;
const mismatchesBorne = 20;

/** What brings the records of one tenant to what is wanted. Runs under a lease: no create call is under way. */
export function plan(
  wanted: readonly Wanted[],
  records: readonly SubscriptionRecord[],
  now: Date,
): Action[] {
  const left = records.filter(({ state }) => state === 'pending');
  const active = records.filter(({ state }) => state === 'active').toSorted(newestFirst);
  const kept = wanted.map((one) => active.find((record) => serves(record, one)));
  const surplus = active.filter((record) => !kept.includes(record) && mayTry(record, now));
  return [
    ...left.map((record): Action => ({ kind: 'giveUp', record })),
    ...surplus.map((record): Action => ({ kind: 'delete', record })),
    ...wanted.flatMap((one, index) => actionsFor(one, kept[index], records, now)),
  ];
}

function actionsFor(
  wanted: Wanted,
  record: SubscriptionRecord | undefined,
  records: readonly SubscriptionRecord[],
  now: Date,
): Action[] {
  if (!record) {
    const last = records
      .filter(({ resource, state }) => resource === wanted.resource && state !== 'active')
      .toSorted(newestFirst)[0];
    return last && !mayTry(last, now) ? [] : [{ kind: 'create', wanted }];
  }
  if (record.expiresAt && record.expiresAt <= now) {
    return [{ kind: 'create', wanted, instead: record }];
  }
  if (!mayTry(record, now)) return [];
  if (neverMatches(record)) return [{ kind: 'replace', record }];
  if (renewalIsDue(record, now)) return [{ kind: 'renew', record }];
  return ageMs(record.checkedAt, now) >= checkEveryMs ? [{ kind: 'check', record }] : [];
}

/** A stranger may send mismatches for a subscription of ours, but what Graph itself sends for it matches. */
const neverMatches = ({ lastReceiptAt, mismatches = 0 }: SubscriptionRecord) =>
  lastReceiptAt === undefined && mismatches >= mismatchesBorne;

/** At half of its life, or at once when Graph asks for it and the last renewal is not too near. */
function renewalIsDue(
  { renewedAt, expiresAt, renewRequestedAt }: SubscriptionRecord,
  now: Date,
): boolean {
  if (!renewedAt || !expiresAt) return true;
  const sinceMs = ageMs(renewedAt, now);
  if (sinceMs >= (expiresAt.getTime() - renewedAt.getTime()) / 2) return true;
  return renewRequestedAt !== undefined && sinceMs >= spacingMs;
}

type OnConflict =
  /** It is stored with the hash of its clientState: its notifications can be told from a stranger's. */
  | { kind: 'takeOver'; record: SubscriptionRecord; remote: RemoteSubscription }
  /** Ours, but its clientState is lost. */
  | { kind: 'replace'; remote: RemoteSubscription }
  /** It delivers elsewhere: another's, to be reported and not fought. */
  | { kind: 'foreign'; remote: RemoteSubscription };

/** What to do about the subscription that stands in the way of a create call. */
export function onConflict(
  wanted: Wanted,
  remote: RemoteSubscription,
  records: readonly SubscriptionRecord[],
): OnConflict {
  if (remote.notificationUrl !== wanted.notificationUrl) return { kind: 'foreign', remote };
  const record = records.find(({ subscriptionId }) => subscriptionId === remote.id);
  return record ? { kind: 'takeOver', record, remote } : { kind: 'replace', remote };
}

const firstRetryMs = minute / 2;
const longestRetryMs = 60 * minute;

/** When the next try may be after `failures` in a row. */
export const retryAfter = (failures: number, now: Date): Date =>
  new Date(now.getTime() + Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs));

const serves = (record: SubscriptionRecord, wanted: Wanted) =>
  record.resource === wanted.resource &&
  record.changeType === wanted.changeType &&
  record.notificationUrl === wanted.notificationUrl &&
  record.lifecycleNotificationUrl === wanted.lifecycleNotificationUrl;

const mayTry = ({ retryAt }: SubscriptionRecord, now: Date) => !retryAt || retryAt <= now;
const ageMs = (at: Date | null, now: Date) => now.getTime() - (at?.getTime() ?? -Infinity);
const newestFirst = (a: SubscriptionRecord, b: SubscriptionRecord) =>
  b.createdAt.getTime() - a.createdAt.getTime();
