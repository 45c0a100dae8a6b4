import { CommandError } from '../errors.ts';
import { isDoc, type Doc } from './document.ts';
import { mingoPredicate } from './mingo.ts';
import { valuesAt } from './paths.ts';
import { comparison, equalTo, oneOf, type ValueTest } from './value-tests.ts';

export type Predicate = (doc: Doc) => boolean;

/** Turns a query into a test; it refuses unknown operators before any document is looked at. */
export function compileFilter(filter: Doc): Predicate {
  const tests = Object.entries(filter).map(([name, condition]) =>
    name.startsWith('$') ? logical(name, condition) : fieldTest(name, condition),
  );
  const [first, second] = tests;
  if (!first) return () => true;
  return second ? (doc) => tests.every((test) => test(doc)) : first;
}

/** `{ $gt: 1 }`, as opposed to a document to be equal to. */
export function isOperators(condition: unknown): condition is Doc {
  if (!isDoc(condition)) return false;
  for (const name in condition) return name.startsWith('$') && name !== '$ref' && name !== '$id';
  return false;
}

function logical(name: string, argument: unknown): Predicate {
  switch (name) {
    case '$and': {
      const tests = branches(name, argument);
      return (doc) => tests.every((test) => test(doc));
    }
    case '$or': {
      const tests = branches(name, argument);
      return (doc) => tests.some((test) => test(doc));
    }
    case '$nor': {
      const tests = branches(name, argument);
      return (doc) => !tests.some((test) => test(doc));
    }
    case '$expr':
      return mingoPredicate({ $expr: argument });
    case '$comment':
      return () => true;
    default:
      throw new CommandError('BadValue', `unknown top level operator: ${name}`);
  }
}

function branches(name: string, argument: unknown): Predicate[] {
  if (!Array.isArray(argument) || argument.length === 0) {
    throw new CommandError('BadValue', `${name} argument must be a nonempty array`);
  }
  return argument.map((branch) => {
    if (isDoc(branch)) return compileFilter(branch);
    throw new CommandError('BadValue', `${name} argument's entries must be objects`);
  });
}

function fieldTest(path: string, condition: unknown): Predicate {
  if (!isOperators(condition)) return anyValue(path, equalTo(condition));
  const tests = Object.entries(condition).map(([operator, argument]) =>
    operatorTest(path, operator, argument, condition),
  );
  const [first, second] = tests;
  return first && !second ? first : (doc) => tests.every((test) => test(doc));
}

function operatorTest(path: string, operator: string, argument: unknown, all: Doc): Predicate {
  switch (operator) {
    case '$eq':
      return anyValue(path, equalTo(argument));
    case '$ne':
      return not(anyValue(path, equalTo(argument)));
    case '$in':
      return anyValue(path, oneOf(operator, argument));
    case '$nin':
      return not(anyValue(path, oneOf(operator, argument)));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return anyValue(path, comparison(operator, argument));
    case '$exists': {
      const parts = path.split('.');
      const wanted = Boolean(argument);
      return (doc) => valuesAt(doc, parts).some((value) => value !== undefined) === wanted;
    }
    case '$not':
      return not(fieldTest(path, argument));
    case '$options':
      return () => true;
    case '$regex':
      return mingoPredicate({ [path]: { $regex: argument, $options: all['$options'] ?? '' } });
    default:
      return otherOperator(path, operator, argument);
  }
}

const delegated = new Set(['$all', '$elemMatch', '$size', '$type', '$mod']);

function otherOperator(path: string, operator: string, argument: unknown): Predicate {
  if (delegated.has(operator) || operator.startsWith('$bits')) {
    return mingoPredicate({ [path]: { [operator]: argument } });
  }
  throw new CommandError('BadValue', `unknown operator: ${operator}`);
}

const not =
  (test: Predicate): Predicate =>
  (doc) =>
    !test(doc);

/** A condition on an array holds for the array itself or for one of its elements. */
function anyValue(path: string, test: ValueTest): Predicate {
  const parts = path.split('.');
  return (doc) =>
    valuesAt(doc, parts).some((value) => test(value) || (Array.isArray(value) && value.some(test)));
}
