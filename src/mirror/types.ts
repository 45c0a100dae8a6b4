import type { ObjectRef, ObjectType } from '../change.ts';

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
  source: 'graph';
  /** Lower case, for look-ups: Entra compares user principal names and addresses without case. */
  upn?: string | null;
  mail?: string | null;
  /** Set when its edges must be read (it became active other than by a load's page); the first and the second look. */
  edgesDue?: { since: Date; looks: number };
  /** When a tombstone may go. */
  expireAt?: Date;
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
    expireAt?: Date;
  };
}

/** One fenced write of an object; all of a batch carry the batch's token. */
export type ObjectWrite = ObjectRef & {
  /** When a notification announced it; stored as `lastNotifiedAt`. */
  notifiedAt?: Date;
  /** A load's page enumerates edges itself: documents that come alive are not marked `edgesDue`. */
  fromPage?: boolean;
} & (
    | { state: 'active'; properties: Record<string, unknown>; managerId: string | null }
    | { state: 'softDeleted' | 'purged' }
  );

/**
 * `applied`: the document changed visibly. `same`: only its fence was raised. `stale`: a newer read has
 * been there. `cameAlive` with applied: it was not active before.
 */
export interface WriteResult extends ObjectRef {
  result: 'applied' | 'same' | 'stale';
  cameAlive: boolean;
}

export interface EdgeWrite {
  groupId: string;
  kind: EdgeKind;
  memberId: string;
  memberType?: string | undefined;
  present: boolean;
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
}

/** `demands`: what one process wants to spend at Graph; it goes an hour after the last. */
export interface StoredDemands {
  /** The process's instance id. */
  _id: string;
  at: Date;
  /** Units a second by tenant and lane. */
  tenants: Record<string, Partial<Record<string, number>>>;
}
