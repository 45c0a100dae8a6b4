import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import { now } from './server-time.ts';

/** Differences of one kind: missing in the mirror, there without being in the source, or not the same. */
export interface DifferenceCounts {
  missing: number;
  extra: number;
  different: number;
}

/** `what` names properties, never values. */
export interface AuditDifference {
  of: 'users' | 'groups' | 'memberships' | 'managers';
  kind: keyof DifferenceCounts;
  /** Of a membership: `<groupId>/<kind>/<memberId>`. */
  id: string;
  properties?: string[];
}

/** What a finished audit found. */
export interface AuditResult {
  tenantId: string;
  beganAt: Date;
  endedAt: Date;
  /** How much of the source was compared. */
  compared: Record<AuditDifference['of'], number>;
  counts: Record<AuditDifference['of'], DifferenceCounts>;
  /** Sum of `counts`. */
  differences: number;
  /** Differences because a removal waits for a person, or was rejected by one. */
  held: number;
  kept: number;
  /** Differed at both looks, each time in another way: they change faster than they can be judged. */
  unsettled: number;
  /** Could not be read, and are not judged. */
  unread: number;
  /** Whether what differed was handed on to be read again. */
  repaired: boolean;
  /** No difference besides those counted is older than this. */
  olderThanMs: number;
  /** The first of the differences. */
  listed: AuditDifference[];
}

/** `audits`: the last finished audit of each tenant. */
export interface StoredAudit extends AuditResult {
  /** The tenant's id. */
  _id: string;
}

/** Keeps the result of a finished audit in place of the one before. */
export async function saveAudit({ collections }: MirrorDeps, result: AuditResult): Promise<void> {
  const { tenantId } = result;
  await retryOnce(() =>
    collections.audits.replaceOne({ _id: tenantId }, { ...result }, { upsert: true }),
  );
}

/** The last finished audit of a tenant. */
export async function lastAudit(
  { collections }: MirrorDeps,
  tenantId: string,
): Promise<StoredAudit | undefined> {
  return (await collections.audits.findOne({ _id: tenantId })) ?? undefined;
}

/** Whether the last finished audit, or the tenant's connection where there is none, is `everyMs` ago. */
export async function auditIsDue(
  deps: MirrorDeps,
  tenantId: string,
  everyMs: number,
): Promise<boolean> {
  const last = await lastAudit(deps, tenantId);
  const since = last?.endedAt ?? (await connectedAt(deps, tenantId));
  return since !== undefined && (await now(deps)).getTime() - since.getTime() >= everyMs;
}

/** When a tenant was connected: what was deleted before was never mirrored. */
export async function connectedAt(
  { collections }: MirrorDeps,
  tenantId: string,
): Promise<Date | undefined> {
  return (await collections.tenants.findOne({ _id: tenantId }))?.createdAt;
}
