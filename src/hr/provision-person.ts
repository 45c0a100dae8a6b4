import type { Outcome } from '../change.ts';
import { fail, refuse } from './give-back.ts';
import { inspect } from './inspect.ts';
import type { Manager, Plan } from './plan.ts';
import { claimMs, type ProvisionDeps, type Work } from './provision-deps.ts';
import { whenEqual } from './read-back.ts';
import type { Claimed } from './claims.ts';
import { refusal } from './rules.ts';
import { awaitedName, settleWrites } from './settle-writes.ts';
import type { StoredRecord } from './types.ts';
import { writePerson } from './write-person.ts';

const mostRewrites = 5;
const done: Outcome = { kind: 'done' };

/** Brings one claimed record to Entra and gives it back. */
export async function provisionPerson(
  claimed: Claimed,
  work: Work,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { record } = claimed;
  const { tenantId, employee } = record;
  if (employee === null) return done;
  const inspection = await inspect(tenantId, employee, record, work.directory, work.domains, deps);
  if (inspection.kind === 'gone') return whenGone(claimed, inspection.objectId, deps);

  const { plan, manager } = inspection;
  if (plan.kind === 'refuse') return refuse(claimed, plan.refusal, [], deps);
  if (plan.kind === 'unchanged')
    return whenEqual(claimed, plan.personId, awaitedName(manager), deps);
  return write(claimed, plan, manager, work, deps);
}

/** A person just made may be missing on a late replica; later, somebody has deleted them. */
async function whenGone(claimed: Claimed, objectId: string, deps: ProvisionDeps): Promise<Outcome> {
  const { record } = claimed;
  const age = deps.clock.now() - (record.createdAt?.getTime() ?? 0);
  if (age > deps.timings.replicationMs) {
    return refuse(claimed, refusal('goneFromEntra', objectId), [], deps);
  }
  await deps.store.records.release(claimed, { trouble: 'Entra does not show the new person yet' });
  return { kind: 'retry', reason: 'not yet on this replica' };
}

async function write(
  claimed: Claimed,
  plan: Extract<Plan, { kind: 'create' | 'update' }>,
  manager: Manager,
  work: Work,
  deps: ProvisionDeps,
): Promise<Outcome> {
  const { record } = claimed;
  const isRewrite = record.state === 'written' && record.doneRevision === record.revision;
  const rewrites = isRewrite ? record.rewrites + 1 : record.rewrites;
  if (rewrites > mostRewrites) {
    return fail(
      claimed,
      `Entra takes it and does not show it: ${Object.keys(plan.diff).join(', ')}`,
      deps,
    );
  }
  if (!(await reserveNickname(record, plan, deps))) {
    // A namesake was faster: now it is known to be taken, and the next one is chosen.
    return provisionPerson(claimed, work, deps);
  }
  const outcome = await writePerson(plan.steps, personOf(plan), {
    directory: work.directory,
    mayWrite: () => mayWrite(claimed, work, deps),
    onCreated: (objectId) =>
      deps.store.records.note(claimed, { objectId, createdAt: new Date(deps.clock.now()) }),
    now: () => new Date(deps.clock.now()),
  });
  for (const { did } of outcome.log) deps.count(`hr.${did}`);
  return settleWrites(claimed, outcome, { manager, rewrites }, work, deps);
}

const personOf = (plan: Plan) => (plan.kind === 'update' ? plan.personId : undefined);

async function reserveNickname(
  { tenantId, employeeId }: StoredRecord,
  { diff }: { diff: Record<string, { to: unknown }> },
  { store }: ProvisionDeps,
): Promise<boolean> {
  const wanted = diff['mailNickname']?.to;
  if (typeof wanted !== 'string') return true;
  return store.nicknames.reserve(tenantId, wanted.toLowerCase(), employeeId);
}

async function mayWrite(
  claimed: Claimed,
  { connection }: Work,
  deps: ProvisionDeps,
): Promise<boolean> {
  const isOurs = await deps.store.records.prolong(claimed, claimMs(deps));
  return isOurs && (await deps.store.connections.isOn(connection));
}
