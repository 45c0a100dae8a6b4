import type { Employee } from './employee.ts';
import type { Manager } from './plan.ts';
import type { Records } from './records.ts';
import type { Directory } from './types.ts';

/** No line of managers is longer. */
const longestLine = 50;

/** Finds whom an employee reports to: in HR's own records first, then in Entra. */
export async function findManager(
  tenantId: string,
  employee: Employee,
  directory: Directory,
  records: Pick<Records, 'find'>,
): Promise<Manager> {
  const wanted = employee.reportsTo;
  if (wanted === null) return { kind: 'none' };
  const cycle = await findCycle(tenantId, employee, records);
  if (cycle) return { kind: 'cycle', path: cycle };
  const record = await records.find(tenantId, wanted);
  if (record?.objectId) return { kind: 'known', id: record.objectId };
  const found = await directory.find(
    { employeeId: wanted, mail: wanted, userPrincipalName: wanted },
    [],
  );
  const [person, ...others] = found;
  if (!person) return { kind: 'awaited', wanted };
  return others.length > 0 ? { kind: 'ambiguous', wanted } : { kind: 'known', id: person.id };
}

/** The employee ids of a circle of managers, as HR describes them; undefined where there is none. */
async function findCycle(
  tenantId: string,
  employee: Employee,
  records: Pick<Records, 'find'>,
): Promise<string[] | undefined> {
  const path = [employee.employeeId];
  let above = employee.reportsTo;
  while (above !== null && path.length < longestLine) {
    if (above === employee.employeeId || above.toLowerCase() === employee.workMail.toLowerCase()) {
      return [...path, employee.employeeId];
    }
    const record = await records.find(tenantId, above);
    if (!record?.employee || path.includes(record.employeeId)) return undefined;
    path.push(record.employeeId);
    above = record.employee.reportsTo;
  }
  return undefined;
}
