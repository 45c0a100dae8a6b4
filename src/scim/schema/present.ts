import { badRequest } from '../errors.ts';
import type { ResourceType } from './attribute.ts';
import { extensionNamed, resolvePath, type Target } from './path.ts';
import { copyOf, isObject, type Resource } from './value.ts';

/** Which attributes an answer shows; neither given: all. */
export interface Selection {
  attributes?: Target[];
  excluded?: Target[];
}

/** The selection of a request. Throws a `ScimError` (400) where both kinds are asked for. */
export function readSelection(
  type: ResourceType,
  asked: { attributes?: string | undefined; excludedAttributes?: string | undefined },
): Selection {
  const { attributes, excludedAttributes } = asked;
  if (attributes && excludedAttributes) {
    throw badRequest('invalidValue', 'Ask for attributes or for excludedAttributes, not for both.');
  }
  if (attributes) return { attributes: targets(type, attributes) };
  return excludedAttributes ? { excluded: targets(type, excludedAttributes) } : {};
}

/** False where nobody asks for them: a group's members are then not even read. */
export const shows = (name: string, { attributes, excluded }: Selection): boolean =>
  attributes
    ? attributes.some(({ attribute }) => attribute.name === name)
    : !excluded?.some(({ attribute, sub }) => attribute.name === name && !sub);

/** True only where somebody asks for it by name. */
export const asksFor = (name: string, { attributes = [] }: Selection): boolean =>
  attributes.some(({ attribute }) => attribute.name === name);

/** A kept resource as it is answered; `own` are the attributes that are ours to say. */
export function present(
  type: ResourceType,
  kept: Resource,
  own: { id: string; meta: Resource; members?: Resource[]; groups?: Resource[] },
  selection: Selection,
): Resource {
  const { id, ...others } = own;
  const whole: Resource = { ...kept, ...others };
  const shown = selection.attributes
    ? picked(whole, selection.attributes)
    : without(whole, selection.excluded ?? []);
  const core = Object.entries(shown).filter(
    ([name]) => !type.extensions.some(({ key }) => key === name),
  );
  const extensions = type.extensions.flatMap(({ key, urn }) =>
    isObject(shown[key]) ? [[urn, shown[key]] as const] : [],
  );
  const used = type.extensions.filter(({ key }) => isObject(kept[key])).map(({ urn }) => urn);
  return {
    schemas: [type.urn, ...used],
    id,
    ...Object.fromEntries(core),
    ...Object.fromEntries(extensions),
  };
}

function targets(type: ResourceType, list: string): Target[] {
  return list.split(',').flatMap((name): Target[] => {
    const path = name.trim();
    const extension = extensionNamed(type, path);
    if (extension) return extension.attributes.map((attribute) => ({ extension, attribute }));
    const target = resolvePath(type, path);
    return target ? [target] : [];
  });
}

function picked(whole: Resource, wanted: readonly Target[]): Resource {
  const shown: Resource = {};
  for (const { extension, attribute, sub } of wanted) {
    const source = extension ? whole[extension.key] : whole;
    const value = isObject(source) ? source[attribute.name] : undefined;
    if (value === undefined) continue;
    const part = sub ? eachOf(value, (one) => pick(one, sub.name)) : value;
    const target = extension ? ((shown[extension.key] ??= {}) as Resource) : shown;
    const before = target[attribute.name];
    target[attribute.name] = isObject(before) && isObject(part) ? { ...before, ...part } : part;
  }
  return shown;
}

function without(whole: Resource, excluded: readonly Target[]): Resource {
  if (excluded.length === 0) return whole;
  const shown = copyOf(whole);
  for (const { extension, attribute, sub } of excluded) {
    const container = extension ? shown[extension.key] : shown;
    if (!isObject(container)) continue;
    const value = container[attribute.name];
    if (!sub) Reflect.deleteProperty(container, attribute.name);
    else if (value !== undefined)
      container[attribute.name] = eachOf(value, (one) => omit(one, sub.name));
  }
  return shown;
}

const eachOf = (value: unknown, change: (one: Resource) => Resource): unknown =>
  Array.isArray(value)
    ? value.filter(isObject).map(change)
    : isObject(value)
      ? change(value)
      : value;

const pick = (value: Resource, name: string): Resource =>
  name in value ? { [name]: value[name] } : {};

const omit = (value: Resource, name: string): Resource =>
  Object.fromEntries(Object.entries(value).filter(([own]) => own !== name));
