import { isDeepStrictEqual } from 'node:util';
import type { Read } from '../graph/types.ts';
import { storable } from '../mirror/content.ts';

/** Property names and values, the manager among them. */
type Content = Record<string, unknown>;

/** What a read found, under the names that the mirror stores it by. */
export function contentOfRead({ object }: Extract<Read, { kind: 'found' }>): Content {
  const { properties, managerId, type } = object;
  return { ...storable(properties), ...(type === 'user' && { managerId }) };
}

/** Names of properties in which the second differs from the first, in order; what is ours does not count. */
export function differingNames(first: Content, second: Content): string[] {
  return Object.keys({ ...first, ...second })
    .filter((name) => !ours.has(name) && !isSame(first[name], second[name]))
    .sort();
}

const ours = new Set(['_id', 'tenantId', 'id', 'mirror']);

/** Graph gives lists without an order, and absent means null. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(canonical(a), canonical(b));
}

function canonical(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  const plain: unknown = JSON.parse(JSON.stringify(value));
  if (!Array.isArray(plain)) return plain;
  return plain.map((item) => JSON.stringify(item)).sort();
}
