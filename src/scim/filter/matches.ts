import { badRequest } from '../errors.ts';
import { named, type Attribute } from '../schema/attribute.ts';
import type { Resource } from '../schema/value.ts';
import type { Filter } from './parse.ts';

/** Whether an element of a list meets a filter, as in `emails[type eq "work"]`. */
export function matches(filter: Filter, attribute: Attribute, element: Resource): boolean {
  const meets = (part: Filter) => matches(part, attribute, element);
  switch (filter.kind) {
    case 'and':
      return filter.parts.every(meets);
    case 'or':
      return filter.parts.some(meets);
    case 'not':
      return !meets(filter.part);
    case 'within':
      throw notHere();
    case 'compare':
      return compares(filter, attribute, element);
  }
}

/** The values that an element must have to meet it; undefined where more than `eq` and `and` is asked. */
export function impliedElement(filter: Filter, attribute: Attribute): Resource | undefined {
  if (filter.kind === 'and') {
    const parts = filter.parts.map((part) => impliedElement(part, attribute));
    return parts.reduce((all, part) => all && part && { ...all, ...part }, {});
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return undefined;
  const sub = subOf(attribute, filter.path);
  return { [sub.name]: sub.type === 'boolean' ? asBoolean(filter.value) : filter.value };
}

function compares(
  { path, operator, value }: Filter & { kind: 'compare' },
  attribute: Attribute,
  element: Resource,
): boolean {
  const sub = subOf(attribute, path);
  const held = element[sub.name];
  if (operator === 'pr') return held !== undefined && held !== '';
  if (operator !== 'eq' && operator !== 'ne') throw notHere();
  const isEqual =
    sub.type === 'boolean'
      ? (held ?? false) === asBoolean(value)
      : folded(sub, held) === folded(sub, value);
  return operator === 'eq' ? isEqual : !isEqual;
}

function subOf(attribute: Attribute, path: string): Attribute {
  const sub = named(attribute.sub, path);
  if (sub) return sub;
  throw badRequest('invalidFilter', `"${attribute.name}" has no "${path.slice(0, 64)}".`);
}

const asBoolean = (value: unknown) => (typeof value === 'string' ? /^true$/i.test(value) : value);

const folded = ({ caseExact }: Attribute, value: unknown) =>
  typeof value === 'string' && !caseExact ? value.toLowerCase() : value;

const notHere = () =>
  badRequest('invalidFilter', 'Elements of a list are chosen by eq, ne, pr, and, or, not.');
