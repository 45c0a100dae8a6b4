import { firstPassword } from './password.ts';
import type { Step } from './plan.ts';
import { refusal, type Refusal } from './rules.ts';
import type { Directory, LogEntry, Written } from './types.ts';

interface WriteDeps {
  directory: Directory;
  /** Asked before each write; false: the connection is off, or another worker has the person. */
  mayWrite: () => Promise<boolean>;
  /** Told at once whom we made. */
  onCreated: (personId: string) => Promise<void>;
  now: () => Date;
}

/** What came of the steps; `log` holds those that were taken, whatever came of the last. */
export type WriteOutcome = { log: LogEntry[]; unsupported: string[] } & (
  | { kind: 'written'; personId: string }
  | { kind: 'stopped' }
  | { kind: 'refused'; refusal: Refusal }
  /** It may pass: a late replica. */
  | { kind: 'again'; reason: string }
  /** Another object has a value that must be unique: perhaps the person, made before a crash. */
  | { kind: 'conflict'; property: string }
  | { kind: 'failed'; reason: string }
);

/** Takes the steps in their order and stops at the first that fails. */
export async function writePerson(
  steps: readonly Step[],
  personId: string | undefined,
  deps: WriteDeps,
): Promise<WriteOutcome> {
  const log: LogEntry[] = [];
  const unsupported: string[] = [];
  let id = personId;
  for (const step of steps) {
    if (!(await deps.mayWrite())) return { kind: 'stopped', log, unsupported };
    const written = await take(step, id, deps.directory);
    if (written.kind === 'done') {
      id ??= written.id;
      if (step.kind === 'create' && id !== undefined) await deps.onCreated(id);
      log.push(entryOf(step, deps.now()));
    } else if (written.kind === 'forbidden' && isHireDate(step)) {
      unsupported.push('employeeHireDate');
    } else {
      return { ...meaning(step, written), log, unsupported };
    }
  }
  if (id === undefined) return { kind: 'again', reason: 'Entra gave no id', log, unsupported };
  return { kind: 'written', personId: id, log, unsupported };
}

async function take(step: Step, id: string | undefined, directory: Directory): Promise<Written> {
  if (step.kind === 'create') return create(step.properties, directory);
  if (id === undefined) return { kind: 'missing' };
  if (step.kind === 'manager') return directory.setManager(id, step.managerId);
  return directory.update(id, step.properties);
}

/** Some tenants take the employee id by a change only; the person is found by work mail until then. */
async function create(properties: Record<string, unknown>, directory: Directory): Promise<Written> {
  const body = {
    ...properties,
    accountEnabled: true,
    passwordProfile: { password: firstPassword(), forceChangePasswordNextSignIn: true },
  };
  const written = await directory.create(body);
  if (written.kind !== 'refused' || written.property !== 'employeeId') return written;
  const { employeeId, ...others } = { employeeId: undefined, ...body };
  const made = await directory.create(others);
  if (made.kind !== 'done' || made.id === undefined) return made;
  const changed = await directory.update(made.id, { employeeId });
  // A late replica does not know the person yet: the read-back finds the employee id missing.
  return changed.kind === 'missing' ? made : { ...changed, ...(changed.kind === 'done' && made) };
}

function meaning(step: Step, written: Exclude<Written, { kind: 'done' }>) {
  switch (written.kind) {
    case 'conflict':
      return { kind: 'conflict', property: written.property } as const;
    case 'missing':
      return {
        kind: 'again',
        reason: 'Entra does not show the person or the manager yet',
      } as const;
    case 'onPremises':
      return { kind: 'refused', refusal: refusal('onPremises') } as const;
    case 'forbidden':
      return { kind: 'refused', refusal: refusal('forbidden', namesOf(step)) } as const;
    case 'quotaExceeded':
      return {
        kind: 'failed',
        reason: 'The tenant is full: purge deleted objects in Entra.',
      } as const;
    case 'refused': {
      const about = `${written.property ?? namesOf(step)}: ${written.message}`;
      return { kind: 'refused', refusal: refusal('valueRefused', about) } as const;
    }
  }
}

const isHireDate = (step: Step) => step.kind === 'update' && 'employeeHireDate' in step.properties;

function namesOf(step: Step): string {
  return step.kind === 'manager' ? 'manager' : Object.keys(step.properties).sort().join(', ');
}

function entryOf(step: Step, at: Date): LogEntry {
  if (step.kind === 'create') return { at, did: 'created', what: namesOf(step) };
  if (step.kind === 'update') return { at, did: 'updated', what: namesOf(step) };
  return { at, did: step.managerId === null ? 'managerCleared' : 'managerSet', what: 'manager' };
}
