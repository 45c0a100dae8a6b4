/** What we ask Graph for, per tenant. */
export interface Wanted {
  resource: string;
  changeType: string;
  notificationUrl: string;
  lifecycleNotificationUrl: string;
}

/** One attempt to subscribe and what came of it. */
export interface SubscriptionRecord extends Wanted {
  _id: string;
  tenantId: string;
  /** SHA-256 of this attempt's own clientState, in hexadecimal digits; the state itself is kept nowhere. */
  clientStateHash: string;
  /** `pending`: the create call has not returned. `ended`: failed, expired, removed or deleted. */
  state: 'pending' | 'active' | 'ended';
  /** Graph's id, once the create call has returned. */
  subscriptionId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** When Graph last took a create or a renewal of it. */
  renewedAt: Date | null;
  /** When Graph last confirmed that it exists. */
  checkedAt: Date | null;
  /** A lifecycle event asked for a renewal at this time. */
  renewRequestedAt?: Date;
  /** Failures in a row, and when the next try may be. */
  failures: number;
  retryAt: Date | null;
  /** When an authentic notification came last, and how many came that did not match. */
  lastReceiptAt?: Date;
  mismatches?: number;
  endedAt?: Date;
  /** When MongoDB may drop an ended record. */
  expireAt?: Date;
}

export interface RemoteSubscription {
  id: string;
  resource: string;
  changeType: string;
  notificationUrl: string;
  expirationDateTime: string;
}

/** The part of Microsoft Graph that subscriptions need; undefined and false mean 404. */
export interface SubscriptionsApi {
  createSubscription(
    wanted: Wanted & { clientState: string; expirationDateTime: string },
    signal?: AbortSignal,
  ): Promise<RemoteSubscription | { conflict: string | undefined }>;
  getSubscription(id: string, signal?: AbortSignal): Promise<RemoteSubscription | undefined>;
  renewSubscription(
    id: string,
    expirationDateTime: string,
    signal?: AbortSignal,
  ): Promise<RemoteSubscription | undefined>;
  deleteSubscription(id: string, signal?: AbortSignal): Promise<boolean>;
  listSubscriptions(signal?: AbortSignal): Promise<RemoteSubscription[]>;
}
