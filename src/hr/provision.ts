import type { Change, HandleChanges, Outcome } from '../change.ts';
import { TenantError, ThrottledError } from '../ops/errors.ts';
import { claimMs, type ProvisionDeps, type Work } from './provision-deps.ts';
import { provisionPerson } from './provision-person.ts';
import type { Claimed } from './claims.ts';

/** People written at once by one process. */
const peopleUnderWay = 8;
const busyParkMs = 2_000;
const gatheringParkMs = 15_000;

/** Handles hints of HR's queue: each names an employee, whose stored record is brought to Entra. */
export function createProvisioner(deps: ProvisionDeps): HandleChanges {
  return async (tenantId, changes) => {
    const connection = await deps.store.connections.current(tenantId);
    // Without a connection the records stay; they are asked for again when there is one.
    if (!connection) return changes.map(() => done);
    const directory = deps.directoryOf(connection);
    const work = { connection, directory, domains: await directory.domains() };
    return inTurns(changes, (change) => provisionOne(tenantId, change, work, deps));
  };
}

const done: Outcome = { kind: 'done' };

async function inTurns(
  changes: readonly Change[],
  run: (change: Change) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < changes.length; index = next++) {
      const change = changes[index];
      if (change) outcomes[index] = await run(change);
    }
  };
  await Promise.all(Array.from({ length: peopleUnderWay }, worker));
  return outcomes;
}

async function provisionOne(
  tenantId: string,
  change: Change,
  work: Work,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { records } = deps.store;
  const claimed = await records.claim(tenantId, change.id, claimMs(deps));
  if (claimed === 'absent') return done;
  if (claimed === 'busy') return { kind: 'park', reason: 'in other hands', delayMs: busyParkMs };
  try {
    return await provisionClaimed(claimed, work, deps);
  } catch (error) {
    await records.release(claimed, { trouble: messageOf(error) });
    return outcomeOf(error);
  }
}

async function provisionClaimed(
  claimed: Claimed,
  work: Work,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { records } = deps.store;
  switch (claimed.record.state) {
    case 'removing':
      await records.remove(claimed);
      return done;
    case 'gathering':
      await records.release(claimed);
      return { kind: 'park', reason: 'its import is not complete', delayMs: gatheringParkMs };
    case 'held':
    case 'rejected':
      await records.release(claimed);
      return done;
    default:
      return provisionPerson(claimed, work, deps);
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof ThrottledError) {
    return { kind: 'park', reason: error.message, delayMs: error.retryAfterMs };
  }
  if (error instanceof TenantError) return { kind: 'park', reason: error.message };
  return { kind: 'retry', reason: messageOf(error) };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : 'unknown error';
