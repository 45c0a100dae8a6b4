import type { Outcome } from '../change.ts';
import type { ProvisionDeps } from './provision-deps.ts';
import type { Claimed } from './claims.ts';
import type { Refusal } from './rules.ts';
import type { LogEntry } from './types.ts';

const keptEntries = 20;

/** A rule forbids it: that is recorded, and done. */
export async function refuse(
  claimed: Claimed,
  reason: Refusal,
  log: readonly LogEntry[],
  { store, clock, count }: ProvisionDeps,
): Promise<Outcome> {
  const at = new Date(clock.now());
  count(`hr.refused.${reason.rule}`);
  await store.records.release(claimed, {
    ...{ state: 'refused', reason, trouble: null, doneRevision: claimed.record.revision },
    log: grown(claimed, [...log, { at, did: 'refused', what: reason.rule }]),
  });
  return { kind: 'done' };
}

/** It will never be written as it is: recorded, and a dead letter. */
export async function fail(claimed: Claimed, what: string, deps: ProvisionDeps): Promise<Outcome> {
  const at = new Date(deps.clock.now());
  deps.count('hr.failed');
  await deps.store.records.release(claimed, {
    ...{ state: 'failed', trouble: what, doneRevision: claimed.record.revision },
    log: grown(claimed, [{ at, did: 'failed', what }]),
  });
  return { kind: 'dead', reason: 'NotWritten', description: what };
}

/** The record's log with new entries, the oldest forgotten. */
export function grown({ record }: Claimed, entries: readonly LogEntry[]): LogEntry[] {
  return [...record.log, ...entries].slice(-keptEntries);
}
