import type { AuditResult } from '../../mirror/audits.ts';
import type { Audit, AuditDeps } from './context.ts';
import { openScratch } from './scratch.ts';
import { lookAgain } from './second-looks.ts';
import { findSuspects } from './suspects.ts';
import { Tally } from './tally.ts';

export interface AuditOptions {
  signal: AbortSignal;
  /** Hands what differs to the queue and to the groups reader. */
  repair: boolean;
  /** From the first look at a suspect to the second; by default as long as Graph's replicas may lag. */
  secondLookMs?: number | undefined;
  /** Called before each page; throws where the audit must stop. */
  keep?: (() => Promise<void>) | undefined;
  /** Told how many suspects wait for their second look, and for how long. */
  onSuspects?: ((count: number, waitMs: number) => void) | undefined;
}

/**
 * Compares the mirror of a tenant with its source. What differs is looked at twice, so that neither a
 * late replica nor a change under way counts. Memory holds a shard of digests and one group's
 * differing edges at a time; the rest is streamed, or set aside in a file.
 */
export async function auditTenant(
  deps: AuditDeps,
  tenantId: string,
  options: AuditOptions,
): Promise<AuditResult> {
  const { mirror, timings } = deps;
  const { repair, signal, keep = () => Promise.resolve() } = options;
  const scratch = openScratch();
  const tally = new Tally();
  const audit: Audit = { deps, tenantId, signal, keep: keepGoing(signal, keep), scratch, tally };
  try {
    const beganAt = await mirror.now();
    const suspects = await findSuspects(audit);
    await waitForReplicas(audit, suspects.count, options);
    await lookAgain(audit, suspects, repair);
    const endedAt = await mirror.now();
    const tookMs = endedAt.getTime() - beganAt.getTime();
    const found = tally.result();
    return {
      ...{ tenantId, beganAt, endedAt, ...found },
      repaired: repair && found.differences > 0,
      olderThanMs: tookMs + timings.replicationMs,
    };
  } finally {
    await scratch.close();
  }
}

const keepGoing = (signal: AbortSignal, keep: () => Promise<void>) => async () => {
  signal.throwIfAborted();
  await keep();
};

async function waitForReplicas(
  { deps, signal }: Audit,
  suspects: number,
  { secondLookMs = deps.timings.replicationMs, onSuspects }: AuditOptions,
): Promise<void> {
  if (suspects === 0) return;
  onSuspects?.(suspects, secondLookMs);
  await deps.clock.sleep(secondLookMs, signal);
}
