import type { Attributes } from './attributes.ts';

/** Entra's default way of a PATCH, or that of the flag `aadOptscim062020`. */
export type Dialect = 'default' | 'flag';

const manager = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';

/** What makes the one person of the other. */
export function personOperations(
  dialect: Dialect,
  before: { attributes: Attributes; active: boolean },
  after: { attributes: Attributes; active: boolean },
): object[] {
  const changed = Object.entries(after.attributes).filter(
    ([path, value]) => before.attributes[path] !== value,
  );
  const gone = Object.keys(before.attributes).filter((path) => !(path in after.attributes));
  const removals = gone.map((path) => ({ op: word(dialect, 'Remove'), path }));
  const switched = before.active === after.active ? [] : [activeOperation(dialect, after.active)];
  if (dialect === 'default') {
    const replaced = changed.map(([path, value]) => {
      const op = path in before.attributes ? 'Replace' : 'Add';
      return { op, path, value };
    });
    return [...replaced, ...removals, ...switched];
  }
  const plain = changed.filter(([path]) => !path.includes('['));
  const elements = changed.filter(([path]) => path.includes('['));
  return [
    ...(plain.length > 0 ? [{ op: 'replace', value: Object.fromEntries(plain) }] : []),
    ...elements.map(([path, value]) => ({ op: 'add', path, value })),
    ...removals,
    ...switched,
  ];
}

export function managerOperation(dialect: Dialect, managerId: string | undefined): object {
  if (managerId === undefined) {
    return {
      op: word(dialect, 'Replace'),
      path: manager,
      value: dialect === 'flag' ? { value: '' } : '',
    };
  }
  return { op: word(dialect, 'Add'), path: manager, value: managerId };
}

export const membersAdded = (dialect: Dialect, ids: readonly string[]): object => ({
  op: word(dialect, 'Add'),
  path: 'members',
  value: ids.map((value) => (dialect === 'flag' ? { value } : { $ref: null, value })),
});

export const membersRemoved = (dialect: Dialect, ids: readonly string[]): object[] =>
  dialect === 'flag'
    ? ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
    : [{ op: 'Remove', path: 'members', value: ids.map((value) => ({ $ref: null, value })) }];

export const renamed = (dialect: Dialect, displayName: string): object =>
  dialect === 'flag'
    ? { op: 'replace', value: { displayName } }
    : { op: 'Replace', path: 'displayName', value: displayName };

const activeOperation = (dialect: Dialect, active: boolean): object =>
  dialect === 'flag'
    ? { op: 'replace', path: 'active', value: active }
    : { op: 'Replace', path: 'active', value: active ? 'True' : 'False' };

const word = (dialect: Dialect, op: string) => (dialect === 'flag' ? op.toLowerCase() : op);
