import type { Outcome } from '../change.ts';
import { announce } from './announce.ts';
import { grown } from './give-back.ts';
import { desiredProperties } from './mapping.ts';
import { isSame } from './plan.ts';
import type { ProvisionDeps } from './provision-deps.ts';
import type { Claimed } from './claims.ts';
import type { StoredRecord } from './types.ts';

/** Nothing differs. Late enough after our last write, that proves it. */
export async function whenEqual(
  claimed: Claimed,
  personId: string,
  waitsFor: string | null,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { record } = claimed;
  const now = new Date(deps.clock.now());
  const isProof =
    record.writtenAt === null ||
    now.getTime() - record.writtenAt.getTime() >= deps.timings.replicationMs;
  const settled = { doneRevision: record.revision, trouble: null, reason: null, waitsFor };
  await announce(claimed, personId, deps);
  if (!isProof) {
    await deps.store.records.release(claimed, { ...settled, state: 'written' });
    return { kind: 'done' };
  }
  const isNew = record.state !== 'verified';
  if (isNew) deps.count('hr.verified');
  await deps.store.records.release(claimed, {
    ...{ ...settled, state: 'verified', verifiedAt: now, rewrites: 0 },
    mirroredAt: (await isMirrored(record, personId, deps)) ? now : record.mirroredAt,
    ...(isNew && { log: grown(claimed, [{ at: now, did: 'verified', what: 'all of it' }]) }),
  });
  return { kind: 'done' };
}

/** Our own write has come back by its notification; it is recognised here and causes nothing. */
async function isMirrored(
  { tenantId, employee }: StoredRecord,
  personId: string,
  { mirrored, mapping, count }: ProvisionDeps,
): Promise<boolean> {
  const held = await mirrored(tenantId, personId);
  if (!held || !employee) return false;
  const shows = Object.entries(desiredProperties(employee, mapping)).every(
    ([name, value]) => !(name in held) || isSame(name, held[name], value),
  );
  if (shows) count('hr.cameBack');
  return shows;
}
