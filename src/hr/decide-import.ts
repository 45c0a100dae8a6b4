import { requestPeople } from './hint.ts';
import type { IntakeDeps } from './intake.ts';

/** A person approves or rejects an import that is held; how many people, or undefined where none is held. */
export async function decideImport(
  importId: string,
  verdict: 'approve' | 'reject',
  deps: IntakeDeps,
): Promise<number | undefined> {
  const { imports, records } = deps.store;
  const isApproved = verdict === 'approve';
  if (!(await imports.decide(importId, isApproved ? 'released' : 'rejected'))) return undefined;
  const to = isApproved ? 'waiting' : 'rejected';
  let people = 0;
  for (const from of ['held', 'gathering'] as const) {
    const { tenantId, employeeIds } = await records.moveImport(importId, from, to);
    if (isApproved) await requestPeople(deps, tenantId, employeeIds);
    people += employeeIds.length;
  }
  return people;
}
