import { CommandError } from '../errors.ts';
import { isDoc, type Doc } from './document.ts';
import type { Path } from './draft.ts';
import { changes } from './update-operators.ts';

interface Step {
  operator: string;
  path: Path;
  argument: unknown;
}

const delegated = new Set(['$mul', '$pop', '$rename', '$pullAll', '$bit']);

/** The changes that update operators ask for; unknown and contradicting ones are refused. */
export function stepsOf(update: Doc): Step[] {
  const steps: Step[] = [];
  for (const [operator, fields] of Object.entries(update)) {
    if (!changes[operator] && !delegated.has(operator)) {
      const message = `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`;
      throw new CommandError('FailedToParse', message);
    }
    if (!isDoc(fields)) {
      const message = `Modifiers operate on fields but we found a value that is no document for ${operator}`;
      throw new CommandError('FailedToParse', message);
    }
    for (const [name, argument] of Object.entries(fields)) {
      steps.push({ operator, path: name.split('.'), argument });
    }
  }
  refuseConflicts(steps);
  return steps;
}

function refuseConflicts(steps: readonly Step[]): void {
  const paths = new Set<string>();
  for (const { path } of steps) {
    const name = path.join('.');
    if (name === '' || path.includes('')) {
      throw new CommandError(
        'EmptyFieldName',
        `The update path '${name}' contains an empty field name`,
      );
    }
    if (paths.has(name)) throw conflict(name);
    paths.add(name);
  }
  for (const { path } of steps) {
    for (let length = 1; length < path.length; length++) {
      if (paths.has(path.slice(0, length).join('.'))) throw conflict(path.join('.'));
    }
  }
}

const conflict = (path: string): CommandError =>
  new CommandError(
    'ConflictingUpdateOperators',
    `Updating the path '${path}' would create a conflict at '${path}'`,
  );
