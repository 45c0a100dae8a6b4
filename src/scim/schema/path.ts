import { parseFilter, type Filter } from '../filter/parse.ts';
import { named, type Attribute, type Extension, type ResourceType } from './attribute.ts';

/** What a path names in a resource. */
export interface Target {
  /** Absent for the core schema. */
  extension?: Extension;
  attribute: Attribute;
  /** Which elements of a list. */
  filter?: Filter;
  sub?: Attribute;
}

const pattern = /^([^.[\]]+)(?:\[(.+)\])?(?:\.([^.[\]]+))?$/s;

/**
 * Resolves `name`, `name.sub`, `name[filter].sub`, each with or without its schema's URN; undefined for
 * what no schema knows. Attributes of extensions may come without their URN, as Entra sends some.
 */
export function resolvePath(type: ResourceType, path: string): Target | undefined {
  if (path.length > 4_096) return undefined;
  const { extension, rest } = withoutUrn(type, path);
  const [, name = '', filter, subName] = pattern.exec(rest) ?? [];
  const found = extension
    ? { extension, attribute: named(extension.attributes, name) }
    : bare(type, name, path !== rest);
  const attribute = found?.attribute;
  if (!attribute) return undefined;
  const sub = subName === undefined ? undefined : named(attribute.sub, subName);
  if (subName !== undefined && !sub) return undefined;
  if (filter !== undefined && !attribute.multiValued) return undefined;
  return {
    ...(found.extension && { extension: found.extension }),
    attribute,
    ...(filter !== undefined && { filter: parseFilter(filter) }),
    ...(sub && { sub }),
  };
}

/** The extension that a key names as a whole. */
export function extensionNamed({ extensions }: ResourceType, urn: string): Extension | undefined {
  return extensions.find((extension) => extension.urn.toLowerCase() === urn.toLowerCase());
}

function withoutUrn({ urn: core, extensions }: ResourceType, path: string) {
  const begins = (urn: string) => path.toLowerCase().startsWith(`${urn.toLowerCase()}:`);
  const extension = extensions.find(({ urn }) => begins(urn));
  if (extension) return { extension, rest: path.slice(extension.urn.length + 1) };
  return { rest: begins(core) ? path.slice(core.length + 1) : path };
}

function bare(
  { attributes, extensions }: ResourceType,
  name: string,
  coreOnly: boolean,
): { attribute: Attribute | undefined; extension?: Extension } | undefined {
  const core = named(attributes, name);
  if (core || coreOnly) return { attribute: core };
  const extension = extensions.find((one) => named(one.attributes, name));
  return extension && { extension, attribute: named(extension.attributes, name) };
}
