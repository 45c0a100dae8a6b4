/** What was asked of a tenant and what was sent from it, since its beginning. */
export interface Stats {
  requests: number;
  batches: number;
  /** Changes of people that were let through the quota. */
  writes: number;
  resourceUnits: number;
  throttled: number;
  notifications: number;
  notificationPosts: number;
  failedPosts: number;
  lostNotifications: number;
}

export function createStats(): Stats {
  return {
    requests: 0,
    batches: 0,
    writes: 0,
    resourceUnits: 0,
    throttled: 0,
    notifications: 0,
    notificationPosts: 0,
    failedPosts: 0,
    lostNotifications: 0,
  };
}
