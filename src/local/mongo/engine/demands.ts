import { isDoc, type Doc } from './document.ts';
import { keyOf, sameValue } from './key.ts';
import { isOperators } from './match.ts';

interface Bound {
  value: unknown;
  inclusive: boolean;
}

/** What a query demands of one field, as far as an index can use it. */
export interface Demand {
  /** Keys of the values of which it must have one. */
  points?: readonly string[];
  lower?: Bound;
  upper?: Bound;
  /** The conditions as they stand in the query. */
  conditions: unknown[];
}

/** The demands that every match must meet: top level and `$and`. */
export function demandsOf(filter: Doc, demands = new Map<string, Demand>()): Map<string, Demand> {
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) demandsOf(branch, demands);
    } else if (!name.startsWith('$')) {
      const demand = demands.get(name) ?? { conditions: [] };
      demand.conditions.push(condition);
      addCondition(demand, condition);
      demands.set(name, demand);
    }
  }
  return demands;
}

/** Whether each match of the query lies within a partial index. */
export function impliedBy(demands: ReadonlyMap<string, Demand>, partial: Doc): boolean {
  return Object.entries(partial).every(([name, condition]) => {
    if (name === '$or' && Array.isArray(condition)) {
      return condition.some((branch) => isDoc(branch) && impliedBy(demands, branch));
    }
    if (name === '$and' && Array.isArray(condition)) {
      return condition.every((branch) => isDoc(branch) && impliedBy(demands, branch));
    }
    const demand = demands.get(name);
    return demand?.conditions.some((given) => implies(given, condition)) ?? false;
  });
}

function implies(given: unknown, wanted: unknown): boolean {
  if (sameValue(given, wanted)) return true;
  if (!isOperators(wanted)) return isOperators(given) && sameValue(given['$eq'], wanted);
  return Object.entries(wanted).every(([operator, value]) => {
    if (isOperators(given) && operator in given && sameValue(given[operator], value)) return true;
    if (operator === '$eq') return sameValue(given, value);
    return operator === '$exists' && value === true && demandsExistence(given);
  });
}

function demandsExistence(given: unknown): boolean {
  if (!isOperators(given)) return given !== null && given !== undefined;
  return Object.entries(given).some(([operator, value]) =>
    operator === '$in'
      ? Array.isArray(value) && !value.includes(null)
      : ['$eq', '$gt', '$gte', '$lt', '$lte'].includes(operator) && value !== null,
  );
}

function addCondition(demand: Demand, condition: unknown): void {
  if (!isOperators(condition)) {
    addPoints(demand, [condition]);
    return;
  }
  for (const [operator, value] of Object.entries(condition)) {
    if (operator === '$eq') addPoints(demand, [value]);
    if (operator === '$in' && Array.isArray(value)) addPoints(demand, value);
    if (operator === '$exists' && !value) addPoints(demand, [null]);
    // An index holds the elements of an array, never the array that such a bound is compared with.
    if (Array.isArray(value)) continue;
    if (operator === '$gt' || operator === '$gte') {
      demand.lower ??= { value, inclusive: operator === '$gte' };
    }
    if (operator === '$lt' || operator === '$lte') {
      demand.upper ??= { value, inclusive: operator === '$lte' };
    }
  }
}

/** Patterns are no points, and an array equals whole arrays, of which an index holds the elements. */
function addPoints(demand: Demand, values: readonly unknown[]): void {
  if (demand.points || values.some((value) => value instanceof RegExp || Array.isArray(value))) {
    return;
  }
  demand.points = [...new Set(values.map(keyOf))].sort();
}
