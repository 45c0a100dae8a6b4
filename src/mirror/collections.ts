import type { Collection, Db } from 'mongodb';
import type { ObjectType } from '../change.ts';
import type { StoredAudit } from './audits.ts';
import type { StoredErasure } from './erasures.ts';
import type {
  Checkpoint,
  EdgeKind,
  MirrorFields,
  StoredDemands,
  StoredEdge,
  StoredFigures,
  StoredHold,
  StoredLease,
  StoredObject,
  StoredRemovals,
  StoredTenant,
} from './types.ts';

export interface StoredCounter {
  /** The tenant's id. */
  _id: string;
  value: number;
  /** Since when its tenant is being removed: no token is drawn any more. */
  closedAt?: Date;
}

/** A user or group that SCIM alone knows: `<connectionId>/scim:<its id>`. */
export interface ScimObject {
  _id: string;
  /** The connection's id. */
  tenantId: string;
  id: string;
  managerId: string | null;
  mirror: Omit<MirrorFields, 'state'> & {
    state: 'active' | 'purged' | 'merged';
    /** Key of the document that took over when Graph showed the same object. */
    mergedInto?: string;
  };
  [property: string]: unknown;
}

export interface Collections {
  objects: Record<ObjectType, Collection<StoredObject>>;
  /** The same collections, for the documents that Graph never writes. */
  scimObjects: Record<ObjectType, Collection<ScimObject>>;
  memberships: Collection<StoredEdge>;
  counters: Collection<StoredCounter>;
  checkpoints: Collection<Checkpoint>;
  leases: Collection<StoredLease>;
  tenants: Collection<StoredTenant>;
  figures: Collection<StoredFigures>;
  demands: Collection<StoredDemands>;
  erasures: Collection<StoredErasure>;
  removals: Collection<StoredRemovals>;
  holds: Collection<StoredHold>;
  audits: Collection<StoredAudit>;
}

/** The mirror's collections by role; their names are a public contract. */
export function collectionsOf(db: Db): Collections {
  return {
    objects: { user: db.collection('users'), group: db.collection('groups') },
    scimObjects: { user: db.collection('users'), group: db.collection('groups') },
    memberships: db.collection('memberships'),
    counters: db.collection('counters'),
    checkpoints: db.collection('checkpoints'),
    leases: db.collection('leases'),
    tenants: db.collection('tenants'),
    figures: db.collection('figures'),
    demands: db.collection('demands'),
    erasures: db.collection('erasures'),
    removals: db.collection('removals'),
    holds: db.collection('holds'),
    audits: db.collection('audits'),
  };
}

export const objectKey = (tenantId: string, id: string): string => `${tenantId}/${id}`;

export const edgeKey = (
  tenantId: string,
  edge: { groupId: string; kind: EdgeKind; memberId: string },
): string => `${tenantId}/${edge.groupId}/${edge.kind}/${edge.memberId}`;

/** Range of the keys of a tenant after `afterId`; `0` is the character that follows `/`. */
export const keysAfter = (tenantId: string, afterId = ''): { $gt: string; $lt: string } => ({
  $gt: objectKey(tenantId, afterId),
  $lt: `${tenantId}0`,
});
