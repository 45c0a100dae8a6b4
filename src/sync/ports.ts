import type { Graph } from '../graph/types.ts';
import type { ObjectRef, ObjectType } from '../change.ts';
import type {
  Checkpoint,
  EdgeWrite,
  MirrorState,
  ObjectWrite,
  StoredEdge,
  StoredObject,
  WriteResult,
} from '../mirror/types.ts';

export type GraphOf = (tenantId: string) => Graph;

export type Phase = 'subscribing' | 'loading' | 'sweeping' | 'live';

export interface Tenant {
  id: string;
  /** How far its bootstrap has come; stored, so that any process goes on from there. */
  phase: Phase;
  /** False while it is paused or being removed: its changes are done, its jobs rest. */
  served: boolean;
  /** What to do about it, while Graph refuses this tenant. */
  degraded?: string;
}

export interface Tenants {
  find(tenantId: string): Promise<Tenant | undefined>;
  list(): Promise<Tenant[]>;
  setPhase(tenantId: string, phase: Phase): Promise<void>;
  degrade(tenantId: string, advice: string): Promise<void>;
  recover(tenantId: string): Promise<void>;
}

/** A lease held by this process; its epoch grows with each new holder. */
export interface HeldLease {
  name: string;
  holder: string;
  epoch: number;
  /** Requests counted in the lease's document when it was taken or last renewed. */
  requested: number;
}

/** The lease under which a checkpoint is written: a write under an earlier epoch of it is refused. */
export type LeaseMark = Pick<HeldLease, 'name' | 'epoch'>;

export type DueEdges = ObjectRef & {
  state: MirrorState;
  edgesDue: { since: Date; looks: number };
};

/** What the stages of synchronisation need of the mirror. Times are MongoDB's. */
export interface MirrorForSync {
  /** Draws a tenant's next token. */
  drawToken(tenantId: string): Promise<number>;
  /** The counter of a tenant as it stands. */
  currentToken(tenantId: string): Promise<number>;
  now(): Promise<Date>;

  /** Fenced writes; results in the order of `writes`. */
  applyObjects(
    tenantId: string,
    writes: readonly ObjectWrite[],
    batch: { token: number; shape: string },
  ): Promise<WriteResult[]>;
  /** Stored documents in the order of `refs`. */
  currentOf(tenantId: string, refs: readonly ObjectRef[]): Promise<(StoredObject | undefined)[]>;
  /** Ids, in order and after `after`, of objects not purged with a fence below `token`. */
  suspects(
    tenantId: string,
    type: ObjectType,
    token: number,
    page: { after?: string | undefined; limit: number },
  ): Promise<string[]>;
  /** Ids of active groups, in order, after `after`. */
  activeGroups(
    tenantId: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<string[]>;
  /** Ids of active users whose manager is this person. */
  reportsOf(tenantId: string, managerId: string): Promise<string[]>;

  /** Fenced writes of edges; gives how many changed visibly. */
  applyEdges(tenantId: string, writes: readonly EdgeWrite[], token: number): Promise<number>;
  /**
   * After a complete enumeration under `token`: present edges of the group with a lower fence are
   * noted absent, and ended where an enumeration at least `replicationMs` ago noted them.
   */
  enumerated(
    tenantId: string,
    groupId: string,
    kind: StoredEdge['kind'],
    token: number,
    replicationMs: number,
  ): Promise<{ absent: number; ended: number }>;
  /** Ends every edge of a purged group. */
  endEdgesOfGroup(tenantId: string, groupId: string, token: number): Promise<number>;
  edgesOf(
    tenantId: string,
    keys: readonly Pick<EdgeWrite, 'groupId' | 'kind' | 'memberId'>[],
  ): Promise<(StoredEdge | undefined)[]>;

  /** Objects whose edges are due: a first look at once, the second `replicationMs` later. */
  edgesDue(tenantId: string, replicationMs: number, limit: number): Promise<DueEdges[]>;
  /** Marks groups whose edges must be enumerated, at once and again later. */
  markEdgesDue(tenantId: string, groupIds: readonly string[]): Promise<void>;
  /** Notes a look by compare-and-set; the second one clears the mark. */
  looked(tenantId: string, ref: ObjectRef, seen: { since: Date; looks: number }): Promise<void>;

  checkpoint(tenantId: string, type: ObjectType): Promise<Checkpoint | undefined>;
  /** Each answers false where a later epoch has written: the lease is lost. */
  beginPass(
    tenantId: string,
    type: ObjectType,
    begin: { link: string; token: number; shape: string; cause: string },
    under: LeaseMark,
  ): Promise<boolean>;
  savePass(
    tenantId: string,
    type: ObjectType,
    pass: NonNullable<Checkpoint['pass']>,
    under: LeaseMark,
  ): Promise<boolean>;
  /** A quick round's new link. */
  keepLink(tenantId: string, type: ObjectType, link: string, under: LeaseMark): Promise<boolean>;
  /** A finished sweep: its begin and its new link in one write. */
  finishSweep(
    tenantId: string,
    type: ObjectType,
    sweep: { link: string; beganAt: Date },
    under: LeaseMark,
  ): Promise<boolean>;
  requestSweep(tenantId: string): Promise<void>;
  requestPass(tenantId: string, type: ObjectType, cause: string): Promise<void>;

  acquireLease(name: string, holder: string, ttlMs: number): Promise<HeldLease | undefined>;
  /** Undefined where another has taken it; an expired lease that nobody took is still ours. */
  renewLease(lease: HeldLease, ttlMs: number): Promise<HeldLease | undefined>;
  /** Releases; with `ifRequested` only while the lease's count of requests still equals it. */
  releaseLease(lease: HeldLease, ifRequested?: number): Promise<boolean>;
  /** Counts one request in the lease's document, held or not. */
  requestLease(name: string): Promise<void>;
  /** Whether requests wait and nobody holds it. */
  leaseWanted(name: string): Promise<boolean>;
}
