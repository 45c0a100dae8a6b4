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
}
