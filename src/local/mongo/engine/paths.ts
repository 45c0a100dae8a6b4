import { isDoc, type Doc } from './document.ts';

/**
 * What a path reaches: an array on the way fans out over its documents, or gives the element
 * that a number names. A document without the field gives one `undefined`.
 */
export function valuesAt(doc: Doc, path: readonly string[]): unknown[] {
  const single = plainValue(doc, path);
  if (single !== fansOut) return [single];
  const found: unknown[] = [];
  collect(doc, path, 0, found);
  return found;
}

/** The value at a path, arrays seen as plain values. */
export function valueAt(doc: Doc, path: readonly string[]): unknown {
  let value: unknown = doc;
  for (const name of path) value = fieldOf(value, name);
  return value;
}

/** Whether an array is on the way or at its end. */
export function meetsArray(doc: Doc, path: readonly string[]): boolean {
  let value: unknown = doc;
  for (const name of path) {
    value = (value as Doc | null | undefined)?.[name];
    if (Array.isArray(value)) return true;
  }
  return false;
}

const fansOut = Symbol('an array is on the way');

function plainValue(doc: Doc, path: readonly string[]): unknown {
  let value: unknown = doc;
  for (const name of path) {
    if (Array.isArray(value)) return fansOut;
    value = fieldOf(value, name);
  }
  return value;
}

function collect(value: unknown, path: readonly string[], at: number, found: unknown[]): void {
  const name = path[at];
  if (name === undefined) {
    found.push(value);
  } else if (Array.isArray(value)) {
    if (/^\d+$/.test(name)) collect(value[Number(name)], path, at + 1, found);
    for (const element of value) if (isDoc(element)) collect(element, path, at, found);
  } else {
    collect(fieldOf(value, name), path, at + 1, found);
  }
}

/** Own fields only: a document may lack `constructor`. */
function fieldOf(value: unknown, name: string): unknown {
  if (!isDoc(value) && !Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Doc)[name] : undefined;
}
