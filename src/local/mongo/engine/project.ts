import { CommandError } from '../errors.ts';
import { isDoc, type Doc } from './document.ts';
import { mingoProjection } from './mingo.ts';

type Project = (doc: Doc) => Doc;

/** A tree of field names; a leaf is a field that is named as a whole. */
class Tree extends Map<string, Tree | true> {}

/** Plain inclusions and exclusions are done here; expressions and `$slice` go to mingo. */
export function compileProjection(projection: Doc = {}): Project {
  const { _id: id, ...fields } = projection;
  const flags = Object.values(fields);
  if (flags.length === 0 && id === undefined) return (doc) => doc;
  if (![...flags, id ?? 1].every(isFlag)) return mingoProjection(projection);
  const [included] = flags.length > 0 ? flags.map(Boolean) : [Boolean(id)];
  if (flags.some((flag) => Boolean(flag) !== included)) {
    const message = 'Cannot do exclusion and inclusion of fields in one projection';
    throw new CommandError(31254, message);
  }
  if (Object.keys(fields).some((name) => name.includes('$'))) {
    throw new CommandError('BadValue', 'positional projections are not served here');
  }
  const tree = treeOf(Object.keys(fields));
  if (included) {
    if (id === undefined || id) tree.set('_id', true);
    return (doc) => include(doc, tree);
  }
  if (id !== undefined && !id) tree.set('_id', true);
  return (doc) => exclude(doc, tree);
}

const isFlag = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean';

function treeOf(paths: readonly string[]): Tree {
  const root = new Tree();
  for (const path of paths) {
    const names = path.split('.');
    const leaf = names.pop() ?? '';
    names.reduce(branchOf, root).set(leaf, true);
  }
  return root;
}

function branchOf(tree: Tree, name: string): Tree {
  const known = tree.get(name);
  if (known instanceof Tree) return known;
  const branch = new Tree();
  tree.set(name, branch);
  return branch;
}

function include(doc: Doc, tree: Tree): Doc {
  const result: Doc = {};
  for (const name of Object.keys(doc)) {
    const branch = tree.get(name);
    if (branch === true) result[name] = doc[name];
    else if (branch) {
      const value = within(doc[name], (inner) => include(inner, branch), false);
      if (value !== undefined) result[name] = value;
    }
  }
  return result;
}

function exclude(doc: Doc, tree: Tree): Doc {
  const result: Doc = {};
  for (const name of Object.keys(doc)) {
    const branch = tree.get(name);
    if (branch === true) continue;
    result[name] = branch ? within(doc[name], (inner) => exclude(inner, branch), true) : doc[name];
  }
  return result;
}

/** Applies a nested projection to a document, or to those in an array. */
function within(value: unknown, project: Project, keepsScalars: boolean): unknown {
  if (isDoc(value)) return project(value);
  if (!Array.isArray(value)) return keepsScalars ? value : undefined;
  return value
    .map((element) => within(element, project, keepsScalars))
    .filter((element) => element !== undefined);
}
