import { z } from 'zod';
import type { ObjectType } from '../change.ts';
import type { PropertyTable } from './properties.ts';
import type { WholeObject } from './types.ts';

/** What every object has; the mirrored properties are taken by name, as they are. */
const item = z.object({
  id: z.string().min(1),
  // A manager who is soft-deleted is not expanded: absent is null.
  manager: z.object({ id: z.string().min(1) }).nullish(),
});

/** Query that makes a read whole. `$expand` costs a unit that `$select` gives back. */
export function wholeQuery(type: ObjectType, table: PropertyTable): string {
  const select = `$select=${['id', ...table[type]].join(',')}`;
  return type === 'user' ? `${select}&$expand=manager($select=id)` : select;
}

/** Normalises an object of a whole read. Throws a `ZodError` where it has no id. */
export function wholeObject(type: ObjectType, raw: unknown, table: PropertyTable): WholeObject {
  const { id, manager } = item.parse(raw);
  const given = Object(raw) as Record<string, unknown>;
  const value = (name: string) => (Object.hasOwn(given, name) ? (given[name] ?? null) : null);
  return {
    type,
    id,
    properties: Object.fromEntries(table[type].map((name) => [name, value(name)])),
    managerId: type === 'user' ? (manager?.id ?? null) : null,
  };
}
