import type { Wanted } from './types.ts';

const minute = 60_000;
/** Graph's limit for directory objects is 41,760 minutes; the margin is for clocks that differ. */
const lifetimeMs = (41_760 - 60) * minute;

/** The subscriptions that every tenant has. Graph knows no `created` for directory objects: it says `updated`. */
export function desired(publicUrl: string): Wanted[] {
  return ['users', 'groups'].map((resource) => ({
    resource,
    changeType: 'updated,deleted',
    notificationUrl: `${publicUrl}/notifications`,
    lifecycleNotificationUrl: `${publicUrl}/lifecycle`,
  }));
}

/** The furthest expiry that Graph accepts at `now`, in ISO 8601. */
export const furthestExpiry = (now: Date): string =>
  new Date(now.getTime() + lifetimeMs).toISOString();
