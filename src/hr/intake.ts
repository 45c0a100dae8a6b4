import { randomUUID } from 'node:crypto';
import type { PublishChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import {
  hashOf,
  readEmployee,
  type Employee,
  type FieldProblem,
  type ReadEmployee,
} from './employee.ts';
import { importLimit } from './guard.ts';
import { requestPeople } from './hint.ts';
import type { Arrival } from './records.ts';
import type { HrStore } from './store.ts';
import type { StoredRecord } from './types.ts';

/** What became of one record of a batch. */
export type IntakeResult = { employeeId: string } & (
  { status: 'accepted' | 'unchanged' | 'held' } | { status: 'invalid'; problems: FieldProblem[] }
);

export interface IntakeDeps {
  store: HrStore;
  publish: PublishChanges;
  clock: Clock;
  /** People of the tenant. */
  countPeople: (tenantId: string) => Promise<number>;
}

export interface BatchAnswer {
  importId: string;
  /** `held`: a person has to approve it. */
  state: 'gathering' | 'held' | 'released' | 'rejected';
  results: IntakeResult[];
}

/** The record of one employee: stored and queued when it resolves. */
export async function acceptOne(
  tenantId: string,
  employee: Employee,
  deps: IntakeDeps,
): Promise<IntakeResult> {
  const { employeeId } = employee;
  const [held] = await deps.store.records.stored(tenantId, [employeeId]);
  if (held && held.hash === hashOf(employee) && isSettled(held)) {
    return { employeeId, status: 'unchanged' };
  }
  await deps.store.records.store(tenantId, [employee], { importId: null, state: 'waiting' });
  await requestPeople(deps, tenantId, [employeeId]);
  return { employeeId, status: 'accepted' };
}

/** What was refused or failed is looked at again when it comes again, since Entra may have changed. */
function isSettled({ state, revision, doneRevision }: StoredRecord): boolean {
  return doneRevision === revision && state !== 'refused' && state !== 'failed';
}

/** HR has no such person any more; nothing is written to Entra. False where it was not known. */
export async function acceptRemoval(
  tenantId: string,
  employeeId: string,
  deps: IntakeDeps,
): Promise<boolean> {
  const isKnown = await deps.store.records.markRemoved(tenantId, employeeId);
  if (isKnown) await requestPeople(deps, tenantId, [employeeId]);
  return isKnown;
}

/**
 * A part of an import, or all of it. Who is changed is counted over all its parts, and nothing of it is
 * written until the last part is there and the import is not held.
 */
export async function acceptBatch(
  tenantId: string,
  rawEmployees: readonly unknown[],
  { importId = randomUUID(), isLast }: { importId?: string | undefined; isLast: boolean },
  deps: IntakeDeps,
): Promise<BatchAnswer> {
  const { records, imports } = deps.store;
  const read = readAll(rawEmployees);
  const valid = read.flatMap((each) => (each.kind === 'valid' ? [each.employee] : []));
  const ids = valid.map(({ employeeId }) => employeeId);
  const stored = new Map((await records.stored(tenantId, ids)).map((one) => [one.employeeId, one]));
  const changed = valid.filter((one) => stored.get(one.employeeId)?.hash !== hashOf(one));

  const limit = importLimit(await deps.countPeople(tenantId));
  const count = { changed: changed.length, limit, isLast };
  const state = await imports.count(tenantId, importId, count);
  if (state === 'rejected') return { importId, state, results: [] };
  await records.store(tenantId, changed, { importId, state: arrivalState(state) });
  const ungathered = await moveEarlierParts(importId, state, deps);
  const unfinished = valid.filter(({ employeeId }) => {
    const one = stored.get(employeeId);
    return one !== undefined && !isSettled(one);
  });
  const asked = [...changed, ...unfinished].map(({ employeeId }) => employeeId);
  await requestPeople(deps, tenantId, [...new Set([...asked, ...ungathered])]);

  const isChanged = new Set(changed.map(({ employeeId }) => employeeId));
  const status = state === 'held' ? 'held' : 'accepted';
  const results = read.map((each): IntakeResult => {
    if (each.kind === 'invalid') {
      return { employeeId: each.employeeId, status: 'invalid', problems: each.problems };
    }
    const { employeeId } = each.employee;
    return { employeeId, status: isChanged.has(employeeId) ? status : 'unchanged' };
  });
  return { importId, state, results };
}

/** Of two records of one employee in a batch the second is refused: which one counts is not guessed. */
function readAll(rawEmployees: readonly unknown[]): ReadEmployee[] {
  const seen = new Set<string>();
  return rawEmployees.map((raw): ReadEmployee => {
    const read = readEmployee(raw);
    if (read.kind === 'invalid') return read;
    const { employeeId } = read.employee;
    const problems = [{ field: 'employeeId', message: 'occurs twice in this batch' }];
    if (seen.has(employeeId)) return { kind: 'invalid', employeeId, problems };
    seen.add(employeeId);
    return read;
  });
}

function arrivalState(state: BatchAnswer['state']): Arrival['state'] {
  if (state === 'released') return 'waiting';
  return state === 'gathering' ? 'gathering' : 'held';
}

/** Employees of earlier parts who may be dealt with now. */
async function moveEarlierParts(
  importId: string,
  state: BatchAnswer['state'],
  { store }: IntakeDeps,
): Promise<string[]> {
  if (state === 'gathering') return [];
  const to = arrivalState(state);
  const { employeeIds } = await store.records.moveImport(importId, 'gathering', to);
  return state === 'released' ? employeeIds : [];
}
