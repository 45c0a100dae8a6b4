import { badRequest } from '../errors.ts';
import { named, type Extension, type ResourceType } from './attribute.ts';
import { extensionNamed } from './path.ts';
import { isObject, valueOf, type Resource } from './value.ts';

/**
 * The attributes of a POST or PUT. What no schema knows and what is ours to say (`id`, `meta`) is left
 * out; Entra is known to send attributes of the enterprise extension bare, or its URN misspelt.
 */
export function readResource(type: ResourceType, body: unknown): Resource {
  if (!isObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const resource: Resource = {};
  for (const [name, sent] of Object.entries(body)) {
    const extension = extensionNamed(type, name) ?? misspelt(type, name);
    if (extension) {
      keepExtension(resource, extension, sent);
    } else if (name.includes('.') && !name.toLowerCase().startsWith('urn:')) {
      throw badRequest('invalidSyntax', `"${name.slice(0, 64)}" cannot be an attribute.`);
    } else {
      keep(resource, type, name, sent);
    }
  }
  requireAll(type, resource);
  return resource;
}

/** Throws a `ScimError` (400) where a required attribute has no value. */
export function requireAll({ attributes }: ResourceType, resource: Resource): void {
  const missing = attributes.find(
    ({ name, required }) => required && (resource[name] ?? '') === '',
  );
  if (missing) throw badRequest('invalidValue', `"${missing.name}" needs a value.`);
}

function keep(resource: Resource, type: ResourceType, name: string, sent: unknown): void {
  const attribute = named(type.attributes, name);
  if (!attribute) {
    const extension = type.extensions.find((one) => named(one.attributes, name));
    if (extension) keepExtension(resource, extension, { [name]: sent });
    return;
  }
  if (attribute.mutability === 'readOnly' || attribute.name === 'members') return;
  const value = valueOf(attribute, sent);
  if (value !== undefined) resource[attribute.name] = value;
}

function keepExtension(resource: Resource, extension: Extension, sent: unknown): void {
  if (!isObject(sent)) return;
  const held = isObject(resource[extension.key]) ? resource[extension.key] : {};
  const kept = { ...(held as Resource) };
  for (const [name, part] of Object.entries(sent)) {
    const attribute = named(extension.attributes, name);
    const value = attribute && valueOf(attribute, part);
    if (attribute && value !== undefined) kept[attribute.name] = value;
  }
  if (Object.keys(kept).length > 0) resource[extension.key] = kept;
}

const misspelt = ({ extensions }: ResourceType, name: string): Extension | undefined =>
  /^urn:.*enterprise.*user$/i.test(name) ? extensions.find(({ key }) => key === 'ent') : undefined;
