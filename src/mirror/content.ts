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
  return storableObject(properties, reserved);
}

const none: ReadonlySet<string> = new Set();

/** Plain loops, here and below: this runs for each property of each object of a load. */
function storableObject(
  properties: Record<string, unknown>,
  without = none,
): Record<string, unknown> {
  const stored: Record<string, unknown> = {};
  for (const name of Object.keys(properties)) {
    const own = storableName(name);
    if (own === '__proto__' || without.has(own)) continue;
    stored[own] = storableValue(properties[name]);
  }
  return stored;
}

function storableName(name: string): string {
  if (/^\w+$/.test(name)) return name;
  const whole = wellFormed(name);
  return whole.replace(/^\$/u, '\uFF04').replaceAll('.', '\uFF0E').replaceAll('\0', '');
}

const wellFormed = (text: string): string => text.replace(loneSurrogate, '\uFFFD');

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object') return value ?? null;
  if (Array.isArray(value)) return value.map(storableValue);
  return isPlainObject(value) ? storableObject(value) : value;
}

/**
 * Hash of what readers see of an object. Neither the order of names nor that of lists counts: Graph
 * promises none for either.
 */
export function contentHash(stored: Record<string, unknown>, managerId: string | null): string {
  const fields = [...canonicalFields(stored), canonicalField('managerId', managerId)];
  return createHash('sha256').update(joined(fields)).digest('base64url');
}

/** A text that is the same for values that readers see as one: the order of names and of lists does not count. */
export function canonical(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  return joined(canonicalFields(value));
}

const joined = (fields: string[]): string => `{${fields.sort().join()}}`;

const canonicalFields = (value: Record<string, unknown>): string[] =>
  Object.keys(value).map((name) => canonicalField(name, value[name]));

const canonicalField = (name: string, value: unknown): string =>
  `${JSON.stringify(name)}:${canonical(value)}`;

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
