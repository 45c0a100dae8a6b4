import { isDeepStrictEqual } from 'node:util';
import { badRequest } from '../errors.ts';
import { impliedElement, matches } from '../filter/matches.ts';
import type { Attribute } from '../schema/attribute.ts';
import type { Target } from '../schema/path.ts';
import { isObject, valueOf, type Resource } from '../schema/value.ts';
import type { Operation } from './operations.ts';

type Op = Operation['op'];

/** A list after one operation on it or on some of its elements; undefined where none is left. */
export function changeList(
  held: unknown,
  target: Target,
  op: Op,
  value: unknown,
): Resource[] | undefined {
  const elements = (Array.isArray(held) ? held : []).filter(isObject);
  const changed = changeElements(elements, target, op, value).filter(hasContent);
  return changed.length > 0 ? changed : undefined;
}

function changeElements(elements: Resource[], target: Target, op: Op, value: unknown): Resource[] {
  const { attribute, filter, sub } = target;
  if (!filter && !sub) return changeWhole(elements, attribute, op, value);
  const isChosen = (element: Resource) => !filter || matches(filter, attribute, element);
  if (op === 'remove') {
    if (!sub) return elements.filter((element) => !isChosen(element));
    return elements.map((element) => (isChosen(element) ? without(element, sub.name) : element));
  }
  const part = sub
    ? { [sub.name]: valueOf(sub, value) }
    : ([valueOf(attribute, value)].flat()[0] as Resource | undefined);
  if (elements.some(isChosen)) {
    const next = elements.map((element) => (isChosen(element) ? { ...element, ...part } : element));
    return onePrimary(next, part);
  }
  // Entra adds `emails[type eq "work"].value` to people who have no address yet.
  const begun = filter ? impliedElement(filter, attribute) : {};
  if (!begun) throw badRequest('noTarget', `No element of "${attribute.name}" meets the filter.`);
  const made = { ...begun, ...part };
  return onePrimary([...elements, made], made);
}

function changeWhole(elements: Resource[], attribute: Attribute, op: Op, value: unknown) {
  const given = ([valueOf(attribute, value)].flat() as (Resource | undefined)[]).filter(isObject);
  if (op === 'replace') return given;
  if (op === 'add') return given.reduce(withElement, elements);
  if (value === undefined || value === null) return [];
  return elements.filter((element) => !given.some((one) => isSame(element, one)));
}

/** Types are unique in a list: an element of the same type is replaced. */
function withElement(elements: Resource[], added: Resource): Resource[] {
  const others = elements.filter((element) => !isSame(element, added));
  return onePrimary([...others, added], added);
}

const isSame = (a: Resource, b: Resource): boolean => {
  if (b['type'] === undefined || a['type'] === undefined) {
    return a['value'] === undefined ? isDeepStrictEqual(a, b) : a['value'] === b['value'];
  }
  return folded(a['type']) === folded(b['type']);
};

const folded = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);

/** At most one element is the primary one: the one set last. */
function onePrimary(elements: Resource[], set: Resource | undefined): Resource[] {
  if (set?.['primary'] !== true) return elements;
  const last = elements.findLastIndex((element) => element['primary'] === true);
  return elements.map((element, index) =>
    element['primary'] === true && index !== last ? { ...element, primary: false } : element,
  );
}

const without = (element: Resource, name: string): Resource =>
  Object.fromEntries(Object.entries(element).filter(([own]) => own !== name));

/** A type alone, or a mark alone, says nothing. */
const hasContent = (element: Resource): boolean =>
  Object.entries(element).some(
    ([name, value]) => name !== 'type' && name !== 'primary' && value !== undefined,
  );
