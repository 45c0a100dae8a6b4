import { badRequest } from '../errors.ts';
import { named, type Attribute } from './attribute.ts';

/** What is kept of a resource: values by the names of their attributes. */
export type Resource = Record<string, unknown>;

export const isObject = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Resources are JSON, and so is their copy. */
export const copyOf = (resource: Resource): Resource =>
  JSON.parse(JSON.stringify(resource)) as Resource;

/**
 * A value as it is kept, undefined for none. Texts stay as they were sent; `"False"` becomes false, and a
 * complex value may come bare, in a list or as an object, since Entra sends each of them.
 */
export function valueOf(attribute: Attribute, sent: unknown): unknown {
  if (sent === null || sent === undefined || attribute.mutability === 'writeOnly') return undefined;
  if (!attribute.multiValued) return singleValue(attribute, sent);
  const elements = (Array.isArray(sent) ? sent : [sent])
    .map((element: unknown) => singleValue(attribute, element))
    .filter((element) => element !== undefined);
  return elements.length > 0 ? elements : undefined;
}

function singleValue(attribute: Attribute, sent: unknown): unknown {
  if (sent === null || sent === undefined) return undefined;
  if (attribute.type === 'boolean') return booleanOf(attribute, sent);
  if (attribute.type === 'complex') return complexValue(attribute, sent);
  if (typeof sent === 'string') return sent;
  if (typeof sent === 'number' || typeof sent === 'boolean') return String(sent);
  throw wrong(attribute, 'a text');
}

function booleanOf(attribute: Attribute, sent: unknown): boolean {
  if (typeof sent === 'boolean') return sent;
  if (typeof sent === 'string' && /^(true|false)$/i.test(sent))
    return sent.toLowerCase() === 'true';
  throw wrong(attribute, 'true or false');
}

function complexValue(attribute: Attribute, sent: unknown): Resource | undefined {
  const value: unknown = Array.isArray(sent) ? sent[0] : sent;
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && named(attribute.sub, 'value')) return { value };
  if (!isObject(value)) throw wrong(attribute, 'an object');
  const kept: Resource = {};
  for (const [name, part] of Object.entries(value)) {
    const sub = named(attribute.sub, name);
    if (!sub || sub.mutability === 'readOnly') continue;
    const held = valueOf(sub, part);
    if (held !== undefined) kept[sub.name] = held;
  }
  // A reference that refers to nothing is none: Entra clears a manager with { "value": "" }.
  if (!attribute.multiValued && kept['value'] === '') return undefined;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

const wrong = ({ name }: Attribute, wanted: string) =>
  badRequest('invalidValue', `The value of "${name}" must be ${wanted}.`);
