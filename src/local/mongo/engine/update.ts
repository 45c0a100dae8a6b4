import { ObjectId } from 'bson';
import { CommandError } from '../errors.ts';
import { isDoc, type Doc } from './document.ts';
import { Draft, type Path } from './draft.ts';
import { sameValue } from './key.ts';
import { isOperators } from './match.ts';
import { mingoPipeline, mingoUpdate } from './mingo.ts';
import { changes, type UpdateContext } from './update-operators.ts';

/** Gives the changed document, or the same object where nothing changes. */
export type Update = (doc: Doc, context: UpdateContext) => Doc;

/** A replacement, update operators, or a pipeline; `filter` gives a positional `$` its meaning. */
export function compileUpdate(
  update: Doc | readonly Doc[],
  filter: Doc,
  arrayFilters: readonly Doc[],
): Update {
  const change = isPipeline(update)
    ? pipelineUpdate(update)
    : Object.keys(update).some((name) => name.startsWith('$'))
      ? operatorUpdate(update, filter, arrayFilters)
      : replacement(update);
  return (doc, context) => {
    const changed = change(doc, context);
    if (doc['_id'] === undefined || sameValue(doc['_id'], changed['_id'])) return changed;
    const message = "Performing an update on the path '_id' would modify the immutable field '_id'";
    throw new CommandError('ImmutableField', message);
  };
}

/** What an upsert inserts: the filter's equalities, changed by the update, with an `_id`. */
export function upsertedDoc(filter: Doc, update: Update, replaces: boolean, now: Date): Doc {
  const base = new Draft({});
  setEqualities(base, filter, replaces);
  const { _id = new ObjectId(), ...fields } = update(base.doc, { inserting: true, now });
  return { _id, ...fields };
}

const isPipeline = (update: Doc | readonly Doc[]): update is readonly Doc[] =>
  Array.isArray(update);

function setEqualities(base: Draft, filter: Doc, onlyId: boolean): void {
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) setEqualities(base, branch, onlyId);
    }
    if (name.startsWith('$') || (onlyId && name !== '_id')) continue;
    const value = isOperators(condition) ? condition['$eq'] : condition;
    if (value !== undefined && !(value instanceof RegExp)) base.set(name.split('.'), value);
  }
}

const replacement =
  (fields: Doc): Update =>
  (doc) => {
    const replaced =
      doc['_id'] === undefined || fields['_id'] !== undefined
        ? fields
        : { _id: doc['_id'], ...fields };
    return sameValue(doc, replaced) ? doc : replaced;
  };

const pipelineStages = new Set([
  '$addFields',
  '$set',
  '$project',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
]);

function pipelineUpdate(pipeline: readonly Doc[]): Update {
  for (const name of pipeline.flatMap((stage) => Object.keys(stage))) {
    if (!pipelineStages.has(name)) {
      const message = `${name} is not allowed to be used within an update`;
      throw new CommandError('InvalidOptions', message);
    }
  }
  return (doc) => {
    const [changed = {}] = mingoPipeline([doc], pipeline, () => []);
    return sameValue(doc, changed) ? doc : changed;
  };
}

interface Step {
  operator: string;
  path: Path;
  argument: unknown;
}

function operatorUpdate(update: Doc, filter: Doc, arrayFilters: readonly Doc[]): Update {
  const steps = stepsOf(update);
  const simple = steps.every(
    ({ operator, path }) => changes[operator] && !path.some((name) => name.startsWith('$')),
  );
  if (!simple) return delegatedUpdate(update, filter, arrayFilters);
  return (doc, context) => {
    const draft = new Draft(doc);
    for (const { operator, path, argument } of steps) {
      changes[operator]?.(draft, path, argument, context);
    }
    return draft.changed ? draft.doc : doc;
  };
}

const delegated = new Set(['$mul', '$pop', '$rename', '$pullAll', '$bit']);

function stepsOf(update: Doc): Step[] {
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
      throw new CommandError(56, `The update path '${name}' contains an empty field name`);
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

/** mingo knows no `$setOnInsert`: it becomes `$set`, or nothing. */
function delegatedUpdate(update: Doc, filter: Doc, arrayFilters: readonly Doc[]): Update {
  const { $setOnInsert, ...others } = update;
  return (doc, { inserting }) => {
    const set = { ...(others['$set'] as Doc), ...(inserting && ($setOnInsert as Doc)) };
    const modifiers = Object.keys(set).length > 0 ? { ...others, $set: set } : others;
    const changed = mingoUpdate(doc, inserting ? {} : filter, modifiers, arrayFilters);
    return sameValue(doc, changed) ? doc : changed;
  };
}
