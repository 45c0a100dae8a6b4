import { Long, Timestamp } from 'bson';
import { CommandError } from '../errors.ts';
import { isDoc } from './document.ts';
import type { Draft, Path } from './draft.ts';
import { keyOf, order, sameValue } from './key.ts';
import { compileFilter, isOperators } from './match.ts';
import { valueAt } from './paths.ts';

export interface UpdateContext {
  /** An upsert that inserts: `$setOnInsert` counts. */
  inserting: boolean;
  now: Date;
}

type Change = (draft: Draft, path: Path, argument: unknown, context: UpdateContext) => void;

/** The update operators that are done here, by name. */
export const changes: Readonly<Record<string, Change | undefined>> = {
  $set: (draft, path, value) => draft.set(path, value),
  $setOnInsert: (draft, path, value, { inserting }) => {
    if (inserting) draft.set(path, value);
  },
  $unset: (draft, path) => draft.unset(path),
  $inc: increment,
  $max: (draft, path, value) => {
    const current = draft.get(path);
    if (current === undefined || keyOf(value) > keyOf(current)) draft.set(path, value);
  },
  $min: (draft, path, value) => {
    const current = draft.get(path);
    if (current === undefined || keyOf(value) < keyOf(current)) draft.set(path, value);
  },
  $currentDate: (draft, path, argument, { now }) => {
    const asTimestamp = isDoc(argument) && argument['$type'] === 'timestamp';
    const seconds = Math.floor(now.getTime() / 1_000);
    draft.set(path, asTimestamp ? new Timestamp({ t: seconds, i: 1 }) : now);
  },
  $push: push,
  $pull: pull,
  $addToSet: (draft, path, argument) => {
    const array = arrayAt(draft, path);
    const added = eachOf(argument).filter(
      (value, at, all) =>
        !array.some((held) => sameValue(held, value)) &&
        all.findIndex((other) => sameValue(other, value)) === at,
    );
    if (added.length > 0 || draft.get(path) === undefined) draft.set(path, [...array, ...added]);
  },
};

function increment(draft: Draft, path: Path, by: unknown): void {
  const current = draft.get(path) ?? 0;
  if (!isNumeric(by)) {
    throw new CommandError('TypeMismatch', 'Cannot increment with non-numeric argument');
  }
  if (!isNumeric(current) || draft.get(path) === null) {
    const message = `Cannot apply $inc to a value of non-numeric type: '${path.join('.')}'`;
    throw new CommandError('TypeMismatch', message);
  }
  draft.set(path, sum(current, by));
}

const isNumeric = (value: unknown): value is number | Long =>
  typeof value === 'number' || (value instanceof Long && !(value instanceof Timestamp));

function sum(a: number | Long, b: number | Long): number | Long {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const total = Long.fromValue(a).add(Long.fromValue(b));
  return Number.isSafeInteger(total.toNumber()) ? total.toNumber() : total;
}

const pushClauses = new Set(['$each', '$position', '$slice', '$sort']);

function push(draft: Draft, path: Path, argument: unknown): void {
  const clauses = isDoc(argument) && '$each' in argument ? argument : {};
  const unknown = Object.keys(clauses).find((name) => !pushClauses.has(name));
  if (unknown) throw new CommandError('BadValue', `Unrecognized clause in $push: ${unknown}`);
  const { $position = Infinity, $slice, $sort } = clauses;
  const array = [...arrayAt(draft, path)];
  array.splice(Number($position), 0, ...eachOf(argument));
  if ($sort !== undefined) sortElements(array, $sort);
  draft.set(path, $slice === undefined ? array : sliced(array, Number($slice)));
}

const sliced = (array: unknown[], count: number): unknown[] =>
  count >= 0 ? array.slice(0, count) : array.slice(count);

function sortElements(array: unknown[], spec: unknown): void {
  const fields = Object.entries(isDoc(spec) ? spec : { '': spec }).map(
    ([name, direction]) => [name ? name.split('.') : [], Number(direction)] as const,
  );
  array.sort((a, b) => {
    for (const [path, direction] of fields) {
      const result = order(keyOf(elementValue(a, path)), keyOf(elementValue(b, path)));
      if (result !== 0) return result * direction;
    }
    return 0;
  });
}

const elementValue = (element: unknown, path: Path): unknown =>
  path.length === 0 ? element : isDoc(element) ? valueAt(element, path) : undefined;

function pull(draft: Draft, path: Path, condition: unknown): void {
  if (draft.get(path) === undefined) return;
  const array = arrayAt(draft, path);
  const goes = pulled(condition);
  const kept = array.filter((element) => !goes(element));
  if (kept.length < array.length) draft.set(path, kept);
}

/** A document is a query on elements that are documents; operators apply to each element itself. */
function pulled(condition: unknown): (element: unknown) => boolean {
  if (isDoc(condition) && !isOperators(condition)) {
    const matches = compileFilter(condition);
    return (element) => isDoc(element) && matches(element);
  }
  const matches = compileFilter({ element: condition });
  return (element) => matches({ element });
}

function eachOf(argument: unknown): unknown[] {
  if (!isDoc(argument) || !('$each' in argument)) return [argument];
  const values = argument['$each'];
  if (Array.isArray(values)) return values;
  throw new CommandError('BadValue', 'The argument to $each must be an array');
}

function arrayAt(draft: Draft, path: Path): unknown[] {
  const value = draft.get(path);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  const message = `The field '${path.join('.')}' must be an array but is of type ${typeof value}`;
  throw new CommandError('BadValue', message);
}
