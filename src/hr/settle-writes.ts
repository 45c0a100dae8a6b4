import type { Outcome } from '../change.ts';
import { announce } from './announce.ts';
import { fail, grown, refuse } from './give-back.ts';
import { hintOf, requestPeople } from './hint.ts';
import type { Manager } from './plan.ts';
import type { ProvisionDeps, Work } from './provision-deps.ts';
import type { Claimed } from './claims.ts';
import { refusal } from './rules.ts';
import type { WriteOutcome } from './write-person.ts';

interface Settling {
  manager: Manager;
  rewrites: number;
}

/** Notes what came of the writes and gives the record back. */
export async function settleWrites(
  claimed: Claimed,
  outcome: WriteOutcome,
  { manager, rewrites }: Settling,
  work: Work,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { records } = deps.store;
  const log = grown(claimed, outcome.log);
  const unsupported = [...claimed.record.unsupported, ...outcome.unsupported];
  switch (outcome.kind) {
    case 'written':
      await whenWritten(claimed, outcome.personId, deps);
      await records.release(claimed, {
        ...{ state: 'written', doneRevision: claimed.record.revision, objectId: outcome.personId },
        ...{ writtenAt: new Date(deps.clock.now()), rewrites, log, unsupported },
        ...{ waitsFor: awaitedName(manager), trouble: null, reason: null },
      });
      return manager.kind === 'awaited' ? askAgainIfArrived(claimed, manager.wanted, deps) : done;
    case 'stopped':
      await records.release(claimed, { log });
      return { kind: 'park', reason: 'writing was stopped' };
    case 'conflict':
      return whenTaken(claimed, outcome, work, deps);
    case 'refused':
      return refuse(claimed, outcome.refusal, outcome.log, deps);
    case 'again':
      await records.release(claimed, { trouble: outcome.reason, log });
      return { kind: 'retry', reason: outcome.reason };
    case 'failed':
      return fail(claimed, outcome.reason, deps);
  }
}

/** Whoever waits for this person is dealt with, and what was written is read back later. */
async function whenWritten(claimed: Claimed, personId: string, deps: ProvisionDeps): Promise<void> {
  const { tenantId, employeeId } = claimed.record;
  const { publish, clock, timings } = deps;
  await announce(claimed, personId, deps);
  // A moment more, so that the look does not come too early by a clock's error.
  const delayMs = timings.replicationMs + 250;
  await publish(tenantId, [hintOf(employeeId, clock.now(), 'secondLook')], { delayMs });
}

/** The manager may have come between our look and the note that we wait. */
async function askAgainIfArrived(
  { record }: Claimed,
  wanted: string,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const manager = await deps.store.records.find(record.tenantId, wanted);
  if (manager?.objectId) await requestPeople(deps, record.tenantId, [record.employeeId]);
  return done;
}

/** Perhaps a person whom we made and whom a late replica does not show: looked at once more. */
const heldUnseen = 'Entra says that a value is taken, and shows nobody who has it';

/** A conflict over a person we made before a crash is no conflict: the employee id tells. */
async function whenTaken(
  claimed: Claimed,
  outcome: Extract<WriteOutcome, { kind: 'conflict' }>,
  { directory }: Work,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { record } = claimed;
  const holder = await directory.get(record.employee?.workMail ?? '', []);
  const isOurs = holder !== undefined && holder.employeeId === record.employeeId;
  if (isOurs && record.objectId === null) {
    await deps.store.records.release(claimed, { objectId: holder.id });
    return { kind: 'retry', reason: 'made before, found now', delayMs: 500 };
  }
  if (!holder && record.trouble !== heldUnseen) {
    await deps.store.records.release(claimed, { trouble: heldUnseen });
    const delayMs = Math.min(10_000, deps.timings.replicationMs);
    return { kind: 'retry', reason: heldUnseen, delayMs };
  }
  return refuse(claimed, refusal('valueTaken', outcome.property), outcome.log, deps);
}

/** Whom the record waits for, in lower case. */
export const awaitedName = (manager: Manager): string | null =>
  manager.kind === 'awaited' ? manager.wanted.toLowerCase() : null;

const done: Outcome = { kind: 'done' };
