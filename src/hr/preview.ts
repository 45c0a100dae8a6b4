import { readEmployee, type Employee, type FieldProblem } from './employee.ts';
import { inspect, type InspectDeps } from './inspect.ts';
import type { Diff } from './plan.ts';
import { refusal, type Refusal } from './rules.ts';
import type { Directory, Domain } from './types.ts';

/** What would happen to one person. */
export type Preview = { employeeId: string } & (
  | { kind: 'create' | 'update'; diff: Diff; waitsFor?: string }
  | { kind: 'unchanged' }
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'invalid'; problems: FieldProblem[] }
);

/** Says for each record what would be written, and writes nothing. */
export async function preview(
  tenantId: string,
  rawEmployees: readonly unknown[],
  directory: Directory,
  deps: InspectDeps,
): Promise<Preview[]> {
  const domains = await directory.domains();
  const previews: Preview[] = [];
  for (const raw of rawEmployees) {
    const read = readEmployee(raw);
    if (read.kind === 'valid') {
      previews.push(await previewOne(tenantId, read.employee, directory, domains, deps));
    } else previews.push(read);
  }
  return previews;
}

async function previewOne(
  tenantId: string,
  employee: Employee,
  directory: Directory,
  domains: readonly Domain[],
  deps: InspectDeps,
): Promise<Preview> {
  const { employeeId } = employee;
  const [stored] = await deps.store.records.stored(tenantId, [employeeId]);
  const known = { objectId: stored?.objectId ?? null, unsupported: stored?.unsupported ?? [] };
  const found = await inspect(tenantId, employee, known, directory, domains, deps);
  if (found.kind === 'gone') {
    return { employeeId, kind: 'refuse', refusal: refusal('goneFromEntra', found.objectId) };
  }
  const { plan, manager } = found;
  if (plan.kind === 'refuse') return { employeeId, kind: 'refuse', refusal: plan.refusal };
  if (plan.kind === 'unchanged') return { employeeId, kind: 'unchanged' };
  const waitsFor = manager.kind === 'awaited' ? { waitsFor: manager.wanted } : {};
  return { employeeId, kind: plan.kind, diff: plan.diff, ...waitsFor };
}
