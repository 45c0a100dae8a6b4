import { CommandError } from '../errors.ts';
import { compareWithinType, keyOf } from './key.ts';

export type ValueTest = (value: unknown) => boolean;

export function equalTo(wanted: unknown): ValueTest {
  if (wanted === null || wanted === undefined)
    return (value) => value === null || value === undefined;
  if (wanted instanceof RegExp) return matching(wanted);
  if (typeof wanted !== 'object') return (value) => value === wanted;
  const key = keyOf(wanted);
  return (value) => typeof value === 'object' && value !== null && keyOf(value) === key;
}

export function oneOf(operator: string, argument: unknown): ValueTest {
  if (!Array.isArray(argument)) throw new CommandError('BadValue', `${operator} needs an array`);
  const patterns = argument.filter((wanted) => wanted instanceof RegExp).map(matching);
  const keys = new Set(argument.filter((wanted) => !(wanted instanceof RegExp)).map(keyOf));
  return (value) => keys.has(keyOf(value)) || patterns.some((test) => test(value));
}

export function comparison(operator: '$gt' | '$gte' | '$lt' | '$lte', bound: unknown): ValueTest {
  const holds = {
    $gt: (order: number) => order > 0,
    $gte: (order: number) => order >= 0,
    $lt: (order: number) => order < 0,
    $lte: (order: number) => order <= 0,
  }[operator];
  return (value) => {
    if (value === undefined && bound !== null) return false;
    const order = compareWithinType(value, bound);
    return order !== undefined && holds(order);
  };
}

/** js-bson gives MongoDB's option `s` as `g`, which would make the pattern remember where it was. */
function matching(stored: RegExp): ValueTest {
  const pattern = new RegExp(stored.source, stored.flags.replace('g', 's'));
  const key = keyOf(stored);
  return (value) =>
    typeof value === 'string'
      ? pattern.test(value)
      : value instanceof RegExp && keyOf(value) === key;
}
