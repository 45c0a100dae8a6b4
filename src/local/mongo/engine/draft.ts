import { CommandError } from '../errors.ts';
import { isDoc, type Doc } from './document.ts';
import { sameValue } from './key.ts';
import { valueAt } from './paths.ts';

export type Path = readonly string[];

/** A changed version of a stored document: copies only the branches that change. */
export class Draft {
  readonly doc: Doc;
  changed = false;
  readonly #copied = new Set<object>();

  constructor(original: Doc) {
    this.doc = { ...original };
    this.#copied.add(this.doc);
  }

  get(path: Path): unknown {
    return valueAt(this.doc, path);
  }

  set(path: Path, value: unknown): void {
    const current = this.get(path);
    if (current !== undefined && sameValue(current, value)) return;
    const name = path.at(-1) ?? '';
    const parent = this.#parentOf(path);
    if (Array.isArray(parent)) setElement(parent, name, value);
    else parent[name] = value;
    this.changed = true;
  }

  unset(path: Path): void {
    if (this.get(path) === undefined) return;
    const parent = this.#parentOf(path);
    const name = path.at(-1) ?? '';
    // An array keeps its length: MongoDB leaves null behind.
    if (Array.isArray(parent)) parent[Number(name)] = null;
    else Reflect.deleteProperty(parent, name);
    this.changed = true;
  }

  #parentOf(path: Path): Doc | unknown[] {
    let parent: Doc | unknown[] = this.doc;
    for (const name of path.slice(0, -1)) parent = this.#child(parent, name);
    return parent;
  }

  #child(parent: Doc | unknown[], name: string): Doc | unknown[] {
    const child = (parent as Doc)[name];
    if (child !== undefined && !isDoc(child) && !Array.isArray(child)) {
      const message = `Cannot create a field within '${name}', which is of type ${typeof child}`;
      throw new CommandError('PathNotViable', message);
    }
    if (child !== undefined && this.#copied.has(child)) return child;
    const copy: Doc | unknown[] = Array.isArray(child) ? [...(child as unknown[])] : { ...child };
    this.#copied.add(copy);
    if (Array.isArray(parent)) setElement(parent, name, copy);
    else parent[name] = copy;
    return copy;
  }
}

function setElement(array: unknown[], name: string, value: unknown): void {
  if (!/^\d+$/.test(name)) {
    throw new CommandError('PathNotViable', `Cannot create field '${name}' in an array`);
  }
  const index = Number(name);
  while (array.length < index) array.push(null);
  array[index] = value;
}
