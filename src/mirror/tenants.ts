import type { UpdateFilter } from 'mongodb';
import type { MirrorDeps } from './deps.ts';
import { retryOnce } from './retry.ts';
import type { StoredTenant, TenantPhase, TenantState } from './types.ts';

/** A tenant as synchronisation knows it. */
export interface Tenant {
  id: string;
  phase: TenantPhase;
  state: TenantState;
  /** False while it is paused or being removed. */
  served: boolean;
  degraded?: string;
  connection: Record<string, string>;
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

/** Adds a tenant, or sets how Graph is reached for a known one. */
export async function connect(
  { collections, clock }: MirrorDeps,
  tenantId: string,
  connection: Record<string, string>,
): Promise<void> {
  const createdAt = new Date(clock.now());
  const begin = { phase: 'subscribing', state: 'served', createdAt } as const;
  const update = { $set: { connection }, $setOnInsert: begin };
  await retryOnce(() => collections.tenants.updateOne({ _id: tenantId }, update, { upsert: true }));
}

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

/** Removal is final: a tenant that is being removed takes no other state; false then. */
export async function setState(
  { collections }: MirrorDeps,
  tenantId: string,
  state: TenantState,
): Promise<boolean> {
  const notRemoving = { _id: tenantId, state: { $ne: 'removing' as const } };
  const { matchedCount } = await retryOnce(() =>
    collections.tenants.updateOne(notRemoving, { $set: { state } }),
  );
  return matchedCount > 0;
}

const tenantOf = ({ _id, phase, state, degraded, connection }: StoredTenant): Tenant => ({
  id: _id,
  phase,
  state,
  served: state === 'served',
  connection,
  ...(degraded !== undefined && { degraded }),
});
