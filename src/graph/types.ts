import type { ObjectRef, ObjectType } from '../change.ts';

/** Who asks: notifications go before on-demand reads, those before sweeps, those before audits. */
export type Lane = 'notification' | 'onDemand' | 'sweep' | 'audit';

/** A user or group with every mirrored property: absent in the answer means null. */
export interface WholeObject extends ObjectRef {
  /** Graph's property names and values, every mirrored property present. */
  properties: Record<string, unknown>;
  /** Users: the manager's object id. Groups: always null. */
  managerId: string | null;
}

/** What one direct read found. */
export type Read =
  | { kind: 'found'; object: WholeObject }
  /** 404, and in deletedItems now. */
  | { kind: 'softDeleted' }
  /** 404, and not in deletedItems. */
  | { kind: 'missing' }
  | { kind: 'throttled'; retryAfterMs: number }
  /** Network, 5xx, a body that cannot be read: may pass. `away`: Graph did not answer, whatever was asked. */
  | { kind: 'failed'; reason: string; away?: true }
  /** Graph refuses this request as it is (400, 403 for one object). */
  | { kind: 'refused'; code: string; message: string };

export type EdgeKind = 'member' | 'owner';
export interface Edge {
  kind: EdgeKind;
  memberId: string;
  /** `user`, `group`, `device`, `servicePrincipal`, `orgContact`, …; absent where Graph does not say. */
  memberType?: string;
}

/** One item of a delta page: a hint about an object, and facts about edges. */
export interface DeltaItem extends ObjectRef {
  /** The mirrored properties that the item shows. */
  properties: Record<string, unknown>;
  /** Only where the item shows the manager. */
  managerId?: string | null;
  removed?: 'changed' | 'deleted';
  edges: (Edge & { removed: boolean })[];
}
export interface DeltaPage {
  items: DeltaItem[];
  /** A page has one of the two. */
  nextLink?: string;
  deltaLink?: string;
}

export interface ObjectPage {
  objects: WholeObject[];
  nextLink?: string;
}
/** Soft-deleted objects; without an instant where Graph does not say when. */
export interface DeletedPage {
  deleted: { id: string; deletedAt?: Date }[];
  nextLink?: string;
}
export interface EdgePage {
  edges: Edge[];
  nextLink?: string;
}

export interface GraphSubscription {
  id: string;
  resource: string;
  changeType: string;
  notificationUrl: string;
  expirationDateTime: string;
}

/**
 * Microsoft Graph for one tenant. Every method may throw `ThrottledError`, `TenantError` (401, 403,
 * a token refused), `PermanentError` (400) or a plain error (network, 5xx); links also `LinkExpiredError`.
 */
export interface Graph {
  /** Hash of the property table in force; another value makes a full pass due. */
  shape: string;
  /** Direct reads, 20 a `$batch`, several under way; one result per ref, in its order. Throws only for the tenant as a whole. */
  read(refs: readonly ObjectRef[], lane: Lane, signal?: AbortSignal): Promise<Read[]>;
  /** A page of the list with every mirrored property (999 a page); the first one without `link`. */
  listPage(
    type: ObjectType,
    link: string | undefined,
    lane: Lane,
    signal?: AbortSignal,
  ): Promise<ObjectPage>;
  /** A page of the soft-deleted objects of a type (999 a page); the first one without `link`. */
  deletedPage(
    type: ObjectType,
    link: string | undefined,
    lane: Lane,
    signal?: AbortSignal,
  ): Promise<DeletedPage>;
  /** A delta link from now on (`$deltatoken=latest`), without data. */
  latestLink(type: ObjectType, lane: Lane, signal?: AbortSignal): Promise<string>;
  deltaPage(type: ObjectType, link: string, lane: Lane, signal?: AbortSignal): Promise<DeltaPage>;
  /**
   * First pages of many groups' members or owners, in `$batch`; a Read-like failure per group.
   * `refused` with the code `linkExpired` asks for the group's first page again.
   */
  edgePages(
    requests: readonly { groupId: string; kind: EdgeKind; link?: string }[],
    lane: Lane,
    signal?: AbortSignal,
  ): Promise<({ kind: 'found'; page: EdgePage } | Exclude<Read, { kind: 'found' }>)[]>;
  /** Groups a person is a member of, groups a person owns, and ids of direct reports; all pages. */
  relations(
    userId: string,
    lane: Lane,
    signal?: AbortSignal,
  ): Promise<{ memberOf: string[]; owned: string[]; reports: string[] } | 'missing'>;
  createSubscription(
    wanted: {
      resource: string;
      changeType: string;
      notificationUrl: string;
      lifecycleNotificationUrl: string;
      clientState: string;
      expirationDateTime: string;
    },
    signal?: AbortSignal,
  ): Promise<GraphSubscription | { conflict: string | undefined }>;
  getSubscription(id: string, signal?: AbortSignal): Promise<GraphSubscription | undefined>;
  renewSubscription(
    id: string,
    expirationDateTime: string,
    signal?: AbortSignal,
  ): Promise<GraphSubscription | undefined>;
  /** True where it existed. */
  deleteSubscription(id: string, signal?: AbortSignal): Promise<boolean>;
  /** Scarce (25 per 20 s and app and tenant), and hides clientState. */
  listSubscriptions(signal?: AbortSignal): Promise<GraphSubscription[]>;
}
