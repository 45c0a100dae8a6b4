import { CommandError } from '../errors.ts';
import type { Doc } from './document.ts';
import { Draft } from './draft.ts';
import { sameValue } from './key.ts';
import { mingoPipeline, mingoUpdate } from './mingo.ts';
import { changes, type UpdateContext } from './update-operators.ts';
import { stepsOf } from './update-steps.ts';

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

const isPipeline = (update: Doc | readonly Doc[]): update is readonly Doc[] =>
  Array.isArray(update);

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
    const { _id = doc['_id'], ...fields } = changed;
    const whole = _id === undefined ? fields : { _id, ...fields };
    return sameValue(doc, whole) ? doc : whole;
  };
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
