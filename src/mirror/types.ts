import type { ObjectRef, ObjectType } from '../change.ts';
import type { Source, StoredFacet } from './facet.ts';

export type MirrorState = 'active' | 'softDeleted' | 'purged';
export type EdgeKind = 'member' | 'owner';

/** Our part of a stored user or group. */
export interface MirrorFields {
  state: MirrorState;
  /** Token of the read that wrote the document. */
  fence: number;
  /** Grows by one with each visible change. */
  revision: number;
  /** Hash of the property table in force when it was written. */
  shape: string;
  contentHash: string;
  /** When the last read that the mirror took was made. */
  observedAt: Date;
  /** When the document last changed visibly. */
  changedAt: Date;
  lastNotifiedAt?: Date;
  /** When a sweep brought a change that no notification had announced; one that comes late clears it. */
  unannouncedAt?: Date;
  source: Source;
  /** What SCIM says of it, where a connection provisions it too. */
  scim?: StoredFacet;
  /** Lower case, for look-ups: Entra compares user principal names and addresses without case. */
  upn?: string | null;
  mail?: string | null;
  /** Set when its edges must be read (it became active other than by a load's page); the first and the second look. */
  edgesDue?: { since: Date; looks: number };
  /** Reads found it gone, with too many others at once: a person decides whether it is removed. */
  held?: HeldMark;
  /** A person rejected its removal; it stays until a read finds it alive. */
  kept?: KeptMark;
  /** When a tombstone may go. */
  expireAt?: Date;
}

/** What spoke for a removal; a verdict takes another read. */
export type Evidence =
  /** It is among the deleted items. */
  | 'deletedItems'
  /** It is not found, as was announced or for the second time. */
  | 'missing'
  /** The delta named the membership as removed. */
  | 'delta'
  /** Two complete enumerations did not show the membership. */
  | 'absent';

export interface HeldMark {
  /** Id of the hold. */
  hold: string;
  evidence: Evidence;
  at: Date;
  /** The hold was approved: the next read decides. */
  approved?: boolean;
}
export interface KeptMark {
  hold: string;
  at: Date;
}

export interface StoredObject {
  _id: string;
  tenantId: string;
  id: string;
  managerId?: string | null;
  mirror: MirrorFields;
  [property: string]: unknown;
}

export interface StoredEdge {
  /** `<tenantId>/<groupId>/<kind>/<memberId>` */
  _id: string;
  tenantId: string;
  groupId: string;
  memberId: string;
  kind: EdgeKind;
  memberType: string | null;
  present: boolean;
  since: Date | null;
  until: Date | null;
  mirror: {
    fence: number;
    changedAt: Date;
    /** First complete enumeration that did not show it: a second one, later, ends it. */
    absent?: { at: Date; token: number };
    held?: HeldMark;
    kept?: KeptMark;
    /** Absent for Graph's. */
    source?: 'scim';
    expireAt?: Date;
  };
}

/** One fenced write of an object; all of a batch carry the batch's token. */
export type ObjectWrite = ObjectRef & {
  /** When a notification announced it; stored as `lastNotifiedAt`. */
  notifiedAt?: Date;
  /** A sweep found it: a change that no notification since then announced is marked `unannouncedAt`. */
  unannouncedSince?: Date;
  /** A load's page enumerates edges itself: documents that come alive are not marked `edgesDue`. */
  fromPage?: boolean;
} & (
    | { state: 'active'; properties: Record<string, unknown>; managerId: string | null }
    | {
        state: 'softDeleted' | 'purged';
        /** The hold that an active object's removal is recorded in, instead of being applied. */
        hold?: string;
      }
  );

/**
 * `applied`: the document changed visibly. `same`: only its fence was raised. `stale`: a newer read has
 * been there. `held`: a removal that waits for a person, or was rejected by one. `tooLarge`: no document
 * holds so much; what was mirrored before stands. `cameAlive`: it was not active before, or its removal
 * was held or rejected.
 */
export interface WriteResult extends ObjectRef {
  result: 'applied' | 'same' | 'stale' | 'held' | 'tooLarge';
  cameAlive: boolean;
}

export interface EdgeWrite {
  groupId: string;
  kind: EdgeKind;
  memberId: string;
  memberType?: string | undefined;
  present: boolean;
  /** The hold that the end of a present edge is recorded in, instead of being applied. */
  hold?: string;
}

/** What a window of removals is counted for: a tenant's objects, or the members of one group. */
export interface RemovalScope {
  tenantId: string;
  groupId?: string | undefined;
}

/** `removals`: removals counted in the window of a tenant (its id) or of a group (`<tenantId>/<groupId>`). */
export interface StoredRemovals {
  _id: string;
  tenantId: string;
  beganAt: Date;
  removed: number;
  /** How many were active when the window began; counted when it first matters. */
  active: number | null;
  /** The open hold. */
  hold?: string;
}

/** `holds`: a mass removal that waits for a decision. Its items are marked `mirror.held` in their own documents. */
export interface StoredHold {
  _id: string;
  tenantId: string;
  /** Of this group's members; absent: of the tenant's users and groups. */
  groupId?: string;
  state: 'open' | 'approved' | 'rejected';
  openedAt: Date;
  decidedAt?: Date;
  decidedBy?: 'person' | 'time';
  /** When its items were sent to be read again. */
  sentAt?: Date;
  /** When nothing of it was left. */
  finishedAt?: Date;
}

/** A delta link and when it was received (MongoDB's time). */
export interface KeptLink {
  link: string;
  at: Date;
}

/** `checkpoints`: `<tenantId>/<resource>`, resource `users` or `groups`. */
export interface Checkpoint {
  _id: string;
  tenantId: string;
  type: ObjectType;
  /** Epoch of the lease under which it was saved last; there is one lease for all of it. */
  epoch?: number;
  shape: string;
  /** Oldest first. */
  links: KeptLink[];
  /** Begin of the last finished sweep. */
  sweptAt?: Date;
  /** A load or full pass under way. */
  pass?: {
    startedAt: Date;
    /** The link it was begun from; sweeps run from it meanwhile. */
    link: KeptLink;
    stage: 'objects' | 'edges' | 'suspects' | 'done';
    /** Next page of the stage; absent at its begin. */
    cursor?: string;
    /** Token drawn at its begin: what carries a lower fence at its end was not seen. */
    token: number;
    walks: number;
    objects: number;
    edges: number;
    /** Why: first, expired, shape, requested. */
    cause: string;
  };
  /** Someone wants a sweep (a gap, an operator); finished sweeps that began later clear it. */
  sweepRequestedAt?: Date;
  /** Why a full pass is wanted; its begin clears it. */
  passRequested?: string;
}

/** `leases`: who does a named piece of work, and how often it was asked for. */
export interface StoredLease {
  _id: string;
  holder: string | null;
  /** Grows by one with each holder. */
  epoch: number;
  expiresAt: Date;
  /** How often the work was asked for, and how many of those requests a finished holder had seen. */
  requested: number;
  served: number;
}

/** A lease as its holder knows it. */
export interface HeldLease {
  name: string;
  holder: string;
  epoch: number;
  /** Requests counted when it was taken or last renewed. */
  requested: number;
}

/** How far a tenant's start has come. */
export type TenantPhase = 'subscribing' | 'loading' | 'sweeping' | 'live';
/** A removed tenant keeps its id and its counter, nothing else. */
export type TenantState = 'served' | 'paused' | 'removing' | 'removed';

/** How Graph is reached for a tenant. A secret is never stored, only the name of the variable that holds it. */
export interface TenantConnection {
  clientId?: string;
  secretEnv?: string;
  /** Graph's quota for the app in this tenant. */
  unitsPer10s?: number;
}

export interface StoredTenant {
  /** The tenant's id. */
  _id: string;
  phase: TenantPhase;
  state: TenantState;
  /** What a person has to do, while Graph refuses this tenant. */
  degraded?: string;
  connection: TenantConnection;
  createdAt: Date;
}

/** `figures`: heartbeat of one process; it goes an hour after the last. */
export interface StoredFigures {
  /** The process's instance id. */
  _id: string;
  roles: string[];
  at: Date;
  /** Sums since the process began. */
  counts: Record<string, number>;
  lagMs: { p50: number; p99: number } | null;
  /** When its receiver last took an authentic notification. */
  lastReceiptAt?: Date | undefined;
  /** By tenant, what was announced by notifications, what was not, and how late. */
  tenants?: Record<string, StoredTenantFigures>;
}
export interface StoredTenantFigures {
  announced: number;
  lost: number;
  lagMs: { p50: number; p99: number } | null;
  delayMs: { p50: number; p99: number } | null;
}

/** `demands`: what one process wants to spend at Graph; it goes an hour after the last. */
export interface StoredDemands {
  /** The process's instance id. */
  _id: string;
  at: Date;
  /** Units a second by tenant and lane. */
  tenants: Record<string, Partial<Record<string, number>>>;
}
