import { createSamples, type Percentiles } from './samples.ts';

/** What a process counted and how far the mirror was behind. */
export interface Figures {
  count(name: string, by?: number): void;
  /**
   * A change of a tenant that was mirrored because a notification announced it. `lagMs`: from the receipt
   * to the write; `delayMs`: from the change in the directory to the receipt, where Graph says when it was.
   */
  announced(tenantId: string, times: { lagMs: number; delayMs?: number | undefined }): void;
  /** Changes of a tenant that no notification announced. */
  lost(tenantId: string, changes: number): void;
  snapshot(): Snapshot;
}
export interface Snapshot {
  counts: Record<string, number>;
  lagMs: Percentiles | null;
  tenants: Record<string, TenantFigures>;
}
export interface TenantFigures {
  announced: number;
  lost: number;
  lagMs: Percentiles | null;
  delayMs: Percentiles | null;
}

/** Lags and delays are over the last `window` writes, of a tenant and of all. */
export function createFigures({
  window = 2_000,
  onLag = () => undefined,
}: { window?: number; onLag?: (ms: number) => void } = {}): Figures {
  const counts = new Map<string, number>();
  const lags = createSamples(window);
  const tenants = new Map<string, ReturnType<typeof createTenant>>();
  const tenantOf = (tenantId: string) => {
    const tenant = tenants.get(tenantId) ?? createTenant(window);
    tenants.set(tenantId, tenant);
    return tenant;
  };
  return {
    count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    announced(tenantId, times) {
      tenantOf(tenantId).announced(times);
      lags.add(times.lagMs);
      onLag(times.lagMs);
    },
    lost: (tenantId, changes) => tenantOf(tenantId).lost(changes),
    snapshot: () => ({
      counts: Object.fromEntries(counts),
      lagMs: lags.percentiles(),
      tenants: Object.fromEntries([...tenants].map(([id, tenant]) => [id, tenant.snapshot()])),
    }),
  };
}

function createTenant(window: number) {
  const lags = createSamples(window);
  const delays = createSamples(window);
  let announced = 0;
  let lost = 0;
  return {
    announced({ lagMs, delayMs }: { lagMs: number; delayMs?: number | undefined }): void {
      announced += 1;
      lags.add(lagMs);
      if (delayMs !== undefined) delays.add(delayMs);
    },
    lost(changes: number): void {
      lost += changes;
    },
    snapshot: (): TenantFigures => ({
      ...{ announced, lost },
      ...{ lagMs: lags.percentiles(), delayMs: delays.percentiles() },
    }),
  };
}
