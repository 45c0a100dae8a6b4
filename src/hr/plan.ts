import type { Employee } from './employee.ts';
import { refusal, type Refusal } from './rules.ts';
import type { Domain, Person } from './types.ts';

/** Whom an employee reports to. */
export type Manager =
  /** The mapping has no manager. */
  | { kind: 'unmapped' }
  | { kind: 'none' }
  | { kind: 'known'; id: string }
  /** Not in Entra yet: what is there stays until they are. */
  | { kind: 'awaited'; wanted: string }
  | { kind: 'cycle'; path: readonly string[] }
  | { kind: 'ambiguous'; wanted: string };

interface Situation {
  employee: Employee;
  domains: readonly Domain[];
  /** Everybody in Entra who could be meant. */
  candidates: readonly Person[];
  /** Properties as they should be, with the nickname. */
  desired: Readonly<Record<string, unknown>>;
  manager: Manager;
  /** Properties that Entra does not let the app write. */
  unsupported: readonly string[];
}

export type Step =
  | { kind: 'create'; properties: Record<string, unknown> }
  | { kind: 'update'; properties: Record<string, unknown> }
  | { kind: 'manager'; managerId: string | null };

export type Diff = Record<string, { from: unknown; to: unknown }>;

export type Plan =
  | { kind: 'refuse'; refusal: Refusal }
  | { kind: 'create'; diff: Diff; steps: Step[] }
  | { kind: 'update'; personId: string; diff: Diff; steps: Step[] }
  | { kind: 'unchanged'; personId: string };

/** Documented or observed to be set by a PATCH of their own. */
const alone = ['employeeHireDate', 'employeeLeaveDateTime'];

/** Decides what has to be written so that Entra shows the employee. */
export function planPerson(situation: Situation): Plan {
  const refused = refusalOf(situation);
  if (refused) return { kind: 'refuse', refusal: refused };
  const [person] = situation.candidates;
  const diff = diffOf(situation, person);
  const steps = stepsOf(diff, person);
  if (!person) return { kind: 'create', diff, steps };
  if (steps.length === 0) return { kind: 'unchanged', personId: person.id };
  return { kind: 'update', personId: person.id, diff, steps };
}

function refusalOf({ employee, domains, candidates, manager }: Situation): Refusal | undefined {
  const name = employee.workMail.split('@')[1]?.toLowerCase() ?? '';
  const domain = domains.find((each) => each.name === name);
  if (!domain) return refusal('domainNotVerified', name);
  if (manager.kind === 'cycle') return refusal('managerCycle', manager.path.join(' → '));
  if (manager.kind === 'ambiguous') return refusal('managerAmbiguous', manager.wanted);
  const [person, ...others] = candidates;
  if (!person) return domain.isFederated ? refusal('federatedDomain', name) : undefined;
  if (others.length > 0) return refusal('twoCandidates', candidates.map(({ id }) => id).join(', '));
  if (person.employeeId !== null && person.employeeId !== employee.employeeId) {
    return refusal('workMailOfAnother', person.id);
  }
  return person.isOnPremises ? refusal('onPremises') : undefined;
}

function diffOf({ desired, manager, unsupported }: Situation, person: Person | undefined): Diff {
  const shown = person ? { ...person.properties, employeeId: person.employeeId } : {};
  const diff: Diff = {};
  for (const [name, to] of Object.entries(desired)) {
    const from = (shown as Record<string, unknown>)[name] ?? null;
    if (!unsupported.includes(name) && !isSame(name, from, to)) diff[name] = { from, to };
  }
  const managerId = person?.managerId ?? null;
  if (manager.kind === 'known' && manager.id !== managerId) {
    diff['manager'] = { from: managerId, to: manager.id };
  }
  if (manager.kind === 'none' && managerId !== null)
    diff['manager'] = { from: managerId, to: null };
  return diff;
}

function stepsOf(diff: Diff, person: Person | undefined): Step[] {
  const values = Object.entries(diff).map(([name, { to }]) => [name, to] as const);
  const isAlone = (name: string) => alone.includes(name);
  const together = values.filter(([name]) => name !== 'manager' && !isAlone(name));
  const steps: Step[] = values
    .filter(([name]) => isAlone(name))
    .map(([name, to]) => ({ kind: 'update', properties: { [name]: to } }));
  if (together.length > 0 || !person) {
    const properties = Object.fromEntries(together);
    steps.unshift({ kind: person ? 'update' : 'create', properties });
  }
  const manager = diff['manager'];
  if (manager) {
    steps.push({ kind: 'manager', managerId: typeof manager.to === 'string' ? manager.to : null });
  }
  return steps;
}

const caseless = new Set(['mail', 'mailNickname', 'userPrincipalName']);

/** Unset, null and an empty list are one; addresses have no case; a date is an instant. */
export function isSame(name: string, from: unknown, to: unknown): boolean {
  return comparable(name, from) === comparable(name, to);
}

function comparable(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.length === 0 ? null : JSON.stringify(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return JSON.stringify(value);
  if (alone.includes(name)) return new Date(value).toISOString();
  return caseless.has(name) ? value.toLowerCase() : value;
}
