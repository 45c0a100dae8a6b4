import type { Clock } from '../ops/clock.ts';
import type { Collections } from './collections.ts';
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

export function createTenants(deps: { collections: Collections; clock: Clock }) {
  const { tenants } = deps.collections;

  async function find(tenantId: string): Promise<Tenant | undefined> {
    const stored = await tenants.findOne({ _id: tenantId });
    return stored ? tenantOf(stored) : undefined;
  }

  async function list(): Promise<Tenant[]> {
    return (await tenants.find().sort({ _id: 1 }).toArray()).map(tenantOf);
  }

  /** Adds a tenant, or sets how Graph is reached for a known one. */
  async function connect(tenantId: string, connection: Record<string, string>): Promise<void> {
    const begin = {
      phase: 'subscribing',
      state: 'served',
      createdAt: new Date(deps.clock.now()),
    } as const;
    await retryOnce(() =>
      tenants.updateOne(
        { _id: tenantId },
        { $set: { connection }, $setOnInsert: begin },
        { upsert: true },
      ),
    );
  }

  const set = async (tenantId: string, fields: Partial<Omit<StoredTenant, '_id'>>) => {
    await retryOnce(() => tenants.updateOne({ _id: tenantId }, { $set: fields }));
  };
  const setPhase = (tenantId: string, phase: TenantPhase) => set(tenantId, { phase });
  const degrade = (tenantId: string, advice: string) => set(tenantId, { degraded: advice });

  async function recover(tenantId: string): Promise<void> {
    await retryOnce(() => tenants.updateOne({ _id: tenantId }, { $unset: { degraded: '' } }));
  }

  /** Removal is final: a tenant that is being removed takes no other state; false then. */
  async function setState(tenantId: string, state: TenantState): Promise<boolean> {
    const { matchedCount } = await retryOnce(() =>
      tenants.updateOne({ _id: tenantId, state: { $ne: 'removing' } }, { $set: { state } }),
    );
    return matchedCount > 0;
  }

  return { find, list, connect, setPhase, degrade, recover, setState };
}

const tenantOf = ({ _id, phase, state, degraded, connection }: StoredTenant): Tenant => ({
  id: _id,
  phase,
  state,
  served: state === 'served',
  connection,
  ...(degraded !== undefined && { degraded }),
});
