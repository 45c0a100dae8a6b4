/**
 * What the real Graph may do to its callers, and undocumented behaviour that may be either way.
 * Rates are from 0 to 1, drawn from the tenant's seed. Fields may be changed at any time.
 */
export interface Faults {
  /** Each read is served from a replica up to this much behind. */
  replicaLagMs: number;
  /** Each change becomes visible to delta up to this much late, one by one, not in order. */
  deltaLagMs: number;
  /** Delta items show changed properties only, also without `Prefer: return=minimal`. */
  deltaChangedOnly: boolean;
  /** Every change is a delta item of its own with the state that it had then, in any order. */
  deltaCopies: boolean;
  /** Share of delta items that are repeated, on their page or another. */
  deltaRepeatRate: number;
  deltaEmptyPageRate: number;
  /** Share of delta links that are answered 410. */
  deltaGoneRate: number;
  /** The first round lists soft-deleted objects as `@removed`. */
  deltaShowsDeletedFirst: boolean;
  /** A restored person appears in `members@delta` of the groups they were in. */
  deltaShowsRestoredMembers: boolean;
  /** A change of manager also shows the former one as `@removed`. */
  deltaShowsFormerManager: boolean;

  /** Share of `@odata.nextLink`s of lists that have expired when they are followed. */
  pageExpiredRate: number;

  notificationLossRate: number;
  notificationDuplicateRate: number;
  /** Share of notifications that wait up to `notificationDelayMs`, so that later ones overtake them. */
  notificationDelayRate: number;
  notificationDelayMs: number;
  /** Endpoints that are often slow are delayed and cut off for ten minutes, as documented. */
  punishesSlowEndpoints: boolean;
  /** A change of manager notifies the report. */
  managerNotifies: boolean;
  /** Ends of memberships by a purge notify the groups. */
  purgeNotifiesGroups: boolean;
  /** Membership notifications carry `members@delta`. */
  notificationsShowMembers: boolean;

  /** Requests, and parts of a batch, answered 429, 500 or 503. */
  throttleRate: number;
  errorRate: number;
  unavailableRate: number;
  /** Requests that get no answer for `silenceMs`, and then 504. */
  silenceRate: number;
  silenceMs: number;
  /** Requests whose JSON body is cut off. */
  malformedRate: number;
  /** Requests whose valid token is refused as expired. */
  expiredTokenRate: number;
  /** Consent was withdrawn: 403 for everything. */
  forbidden: boolean;
  /** The token endpoint refuses the application. */
  refusesTokens: boolean;
  /** Consent has not spread yet: the token endpoint does not know the application. */
  consentSpreads: boolean;
  /** The administrator declines what the application asks for. */
  declinesConsent: boolean;

  /** Renewals validate the notification URL again. */
  renewalValidates: boolean;
  /** Share of requests for a subscription upon which it has silently vanished. */
  subscriptionVanishRate: number;
  /** Members shown with nothing but type and id. */
  thinnedMemberRate: number;
  /** `/members` leaves out service principals, as version 1.0 is documented to do. */
  membersOmitServicePrincipals: boolean;
  purgesSecurityGroups: boolean;

  /** Share of writes to a person that are answered 204 and never show. */
  ignoredWriteRate: number;
  /** Applications cannot set `employeeHireDate`. */
  refusesHireDate: boolean;
  /** `employeeId` is set by PATCH only. */
  refusesEmployeeIdAtCreation: boolean;
}

export function noFaults(): Faults {
  return {
    replicaLagMs: 0,
    deltaLagMs: 0,
    deltaChangedOnly: false,
    deltaCopies: false,
    deltaRepeatRate: 0,
    deltaEmptyPageRate: 0,
    deltaGoneRate: 0,
    deltaShowsDeletedFirst: false,
    deltaShowsRestoredMembers: false,
    deltaShowsFormerManager: false,
    pageExpiredRate: 0,
    notificationLossRate: 0,
    notificationDuplicateRate: 0,
    notificationDelayRate: 0,
    notificationDelayMs: 0,
    punishesSlowEndpoints: false,
    managerNotifies: true,
    purgeNotifiesGroups: true,
    notificationsShowMembers: true,
    throttleRate: 0,
    errorRate: 0,
    unavailableRate: 0,
    silenceRate: 0,
    silenceMs: 60_000,
    malformedRate: 0,
    expiredTokenRate: 0,
    forbidden: false,
    refusesTokens: false,
    consentSpreads: false,
    declinesConsent: false,
    renewalValidates: true,
    subscriptionVanishRate: 0,
    thinnedMemberRate: 0,
    membersOmitServicePrincipals: false,
    purgesSecurityGroups: false,
    ignoredWriteRate: 0,
    refusesHireDate: false,
    refusesEmployeeIdAtCreation: false,
  };
}
