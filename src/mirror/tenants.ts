import type { UpdateFilter } from 'mongodb';
import type { Clock } from '../ops/clock.ts';
import type { MirrorDeps } from './deps.ts';
import { openCounter } from './fences.ts';
import { retryOnce } from './retry.ts';
import type { StoredTenant, TenantConnection, TenantPhase, TenantState } from './types.ts';

/** A tenant as synchronisation knows it. */
export interface Tenant {
  id: string;
  phase: TenantPhase;
  state: TenantState;
  /** False while it is paused or being removed. */
  served: boolean;
  degraded?: string;
  connection: TenantConnection;
}

export async function find(
  { collections }: MirrorDeps,
  tenantId: string,
): Promise<Tenant | undefined> {
  const stored = await collections.tenants.findOne({ _id: tenantId });
  return stored ? tenantOf(stored) : undefined;
}

export async function list({ collections }: MirrorDeps): Promise<Tenant[]> {
  return (await collections.tenants.find().sort({ _id: 1 }).toArray()).map(tenantOf);
}

/** Adds a tenant unless it is known, whatever became of it since. */
export async function ensure({ collections, clock }: MirrorDeps, tenantId: string): Promise<void> {
  const $setOnInsert = { ...beginning(clock), connection: {} };
  await retryOnce(() =>
    collections.tenants.updateOne({ _id: tenantId }, { $setOnInsert }, { upsert: true }),
  );
}

/** Adds a tenant, or sets how Graph is reached for a known one. False while it is being removed. */
export async function connect(
  deps: MirrorDeps,
  tenantId: string,
  connection: TenantConnection,
): Promise<boolean> {
  const { tenants } = deps.collections;
  const isThere = { _id: tenantId, state: { $in: ['served' as const, 'paused' as const] } };
  const set = await retryOnce(() => tenants.updateOne(isThere, { $set: { connection } }));
  if (set.matchedCount > 0) return true;
  const found = await find(deps, tenantId);
  if (found?.state === 'removing') return false;
  await openCounter(deps, tenantId);
  const fresh = { ...beginning(deps.clock), connection };
  const { matchedCount, upsertedCount } = await retryOnce(() =>
    tenants.updateOne({ _id: tenantId, state: 'removed' }, { $set: fresh }, { upsert: true }),
  );
  return matchedCount + upsertedCount > 0;
}

const beginning = ({ now }: Pick<Clock, 'now'>) => ({
  phase: 'subscribing' as const,
  state: 'served' as const,
  createdAt: new Date(now()),
});

export const setPhase = (deps: MirrorDeps, tenantId: string, phase: TenantPhase): Promise<void> =>
  change(deps, tenantId, { $set: { phase } });

/** Notes what a person has to do before Graph serves this tenant again. */
export const degrade = (deps: MirrorDeps, tenantId: string, advice: string): Promise<void> =>
  change(deps, tenantId, { $set: { degraded: advice } });

export const recover = (deps: MirrorDeps, tenantId: string): Promise<void> =>
  change(deps, tenantId, { $unset: { degraded: '' } });

async function change(
  { collections }: MirrorDeps,
  tenantId: string,
  update: UpdateFilter<StoredTenant>,
): Promise<void> {
  await retryOnce(() => collections.tenants.updateOne({ _id: tenantId }, update));
}

/** Removal is final: a tenant that is being removed takes no other state; false then, and where it is unknown. */
export async function setState(
  { collections }: MirrorDeps,
  tenantId: string,
  state: 'served' | 'paused' | 'removing',
): Promise<boolean> {
  const notRemoving = { _id: tenantId, state: { $in: ['served' as const, 'paused' as const] } };
  const { matchedCount } = await retryOnce(() =>
    collections.tenants.updateOne(notRemoving, { $set: { state } }),
  );
  return matchedCount > 0;
}

/**
 * Deletes what the mirror holds of a tenant that is being removed. Its id stays, and its counter, so
 * that no number is drawn twice should it come back.
 */
export async function erase({ collections }: MirrorDeps, tenantId: string): Promise<void> {
  const { objects, memberships, checkpoints, removals, holds, erasures, audits } = collections;
  for (const held of [objects.user, objects.group, memberships, checkpoints]) {
    await held.deleteMany({ tenantId });
  }
  for (const noted of [removals, holds, erasures, audits]) await noted.deleteMany({ tenantId });
  const { leases, tenants } = collections;
  await leases.deleteMany({ _id: new RegExp(`^\\w+/${tenantId.replace(/\W/g, '\\$&')}$`) });
  await tenants.updateOne(
    { _id: tenantId, state: 'removing' },
    { $set: { state: 'removed', connection: {} }, $unset: { degraded: '' } },
  );
}

const tenantOf = ({ _id, phase, state, degraded, connection }: StoredTenant): Tenant => ({
  id: _id,
  phase,
  state,
  served: state === 'served',
  connection,
  ...(degraded !== undefined && { degraded }),
});
