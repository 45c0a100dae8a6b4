import { createHash } from 'node:crypto';

/** Names at the top of a stored document that are not Graph's to set. */
const reserved = new Set(['_id', 'tenantId', 'id', 'managerId', 'mirror']);

/** Half of a pair of UTF-16 stands for no character: UTF-8 cannot hold it, so BSON would replace it. */
const loneSurrogate = /\p{Surrogate}/gu;

/**
 * Graph's properties as they are stored: null where unset, texts as UTF-8 holds them, names that
 * MongoDB or JavaScript would take for an operator, a path or a prototype made harmless, and none
 * that is ours.
 */
export function storable(properties: Record<string, unknown>): Record<string, unknown> {
  const own = Object.entries(properties).filter(([name]) => !reserved.has(name));
  return storableObject(own);
}

function storableObject(entries: [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(
    entries
      .filter(([name]) => name !== '__proto__')
      .map(([name, value]) => [storableName(name), storableValue(value)]),
  );
}

function storableName(name: string): string {
  const whole = wellFormed(name);
  return whole.replace(/^\$/u, '\uFF04').replaceAll('.', '\uFF0E').replaceAll('\0', '');
}

const wellFormed = (text: string): string => text.replace(loneSurrogate, '\uFFFD');

function storableValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(storableValue);
  return isPlainObject(value) ? storableObject(Object.entries(value)) : value;
}

/**
 * Hash of what readers see of an object. Neither the order of names nor that of lists counts: Graph
 * promises none for either.
 */
export function contentHash(stored: Record<string, unknown>, managerId: string | null): string {
  return createHash('sha256')
    .update(canonical({ ...stored, managerId }))
    .digest('base64url');
}

/** A text that is the same for values that readers see as one: the order of names and of lists does not count. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`,
  );
  return `{${fields.sort().join()}}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
