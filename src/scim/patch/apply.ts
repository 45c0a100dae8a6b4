import { badRequest } from '../errors.ts';
import type { Attribute, ResourceType } from '../schema/attribute.ts';
import { extensionNamed, resolvePath, type Target } from '../schema/path.ts';
import { requireAll } from '../schema/read-resource.ts';
import { copyOf, isObject, valueOf, type Resource } from '../schema/value.ts';
import { changeList } from './change-list.ts';
import { createMemberChange, type MemberChange } from './members.ts';
import type { Operation } from './operations.ts';

/**
 * The resource after all operations, in their order, and what they do to a group's members (pure). The
 * given resource stays as it is. Throws a `ScimError` where one operation cannot be done, so that a PATCH
 * is applied whole or not at all.
 */
export function applyPatch(
  type: ResourceType,
  before: Resource,
  operations: readonly Operation[],
): { resource: Resource; members: MemberChange } {
  const resource = copyOf(before);
  const members = createMemberChange();
  for (const operation of operations) {
    for (const { target, value } of targetsOf(type, operation)) {
      if (target.attribute.name === 'members') members.apply(operation.op, target, value);
      else change(resource, target, operation.op, value);
    }
  }
  requireAll(type, resource);
  return { resource, members: members.change };
}

interface Assignment {
  target: Target;
  value: unknown;
}

/** Without a path, the value's names are the paths: plain, dotted, or with the URN of their schema. */
function targetsOf(type: ResourceType, { op, path, value }: Operation): Assignment[] {
  if (path !== undefined) {
    const extension = extensionNamed(type, path);
    if (!extension) return [{ target: targetAt(type, path), value }];
    return within(type, extension.urn, op === 'remove' ? allOf(extension.attributes) : value);
  }
  if (!isObject(value)) {
    throw badRequest(
      op === 'remove' ? 'noTarget' : 'invalidValue',
      'An operation without a path needs an object as its value.',
    );
  }
  return Object.entries(value).flatMap(([name, part]): Assignment[] => {
    if (name.toLowerCase() === 'schemas') return [];
    const extension = extensionNamed(type, name);
    if (extension) return within(type, extension.urn, part);
    return [{ target: targetAt(type, name), value: part }];
  });
}

function within(type: ResourceType, urn: string, value: unknown): Assignment[] {
  if (!isObject(value))
    throw badRequest('invalidValue', `The value of "${urn}" must be an object.`);
  return Object.entries(value).map(([name, part]) => ({
    target: targetAt(type, `${urn}:${name}`),
    value: part,
  }));
}

const allOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ name }) => [name, undefined]));

function targetAt(type: ResourceType, path: string): Target {
  const target = resolvePath(type, path);
  if (!target) throw badRequest('invalidPath', `"${path.slice(0, 128)}" is no attribute.`);
  if (target.attribute.mutability === 'readOnly') {
    throw badRequest('mutability', `"${target.attribute.name}" cannot be changed.`);
  }
  return target;
}

function change(resource: Resource, target: Target, op: Operation['op'], value: unknown): void {
  const { extension } = target;
  if (!extension) {
    changeIn(resource, target, op, value);
    return;
  }
  const held = isObject(resource[extension.key]) ? resource[extension.key] : {};
  const container = held as Resource;
  changeIn(container, target, op, value);
  if (Object.keys(container).length > 0) resource[extension.key] = container;
  else Reflect.deleteProperty(resource, extension.key);
}

function changeIn(container: Resource, target: Target, op: Operation['op'], value: unknown): void {
  const { attribute, sub } = target;
  const held = container[attribute.name];
  const set = (next: unknown) => {
    if (next === undefined) Reflect.deleteProperty(container, attribute.name);
    else container[attribute.name] = next;
  };
  if (attribute.multiValued) set(changeList(held, target, op, value));
  else if (sub) set(withPart(held, sub, op, value));
  else if (op === 'remove') set(undefined);
  else set(merged(held, valueOf(attribute, value), attribute));
}

/** A complex value keeps the parts that the new one does not name; a reference is one whole. */
function merged(held: unknown, next: unknown, attribute: Attribute): unknown {
  const isReference = attribute.sub?.some(({ name }) => name === '$ref') ?? false;
  if (!isObject(held) || !isObject(next) || isReference) return next;
  return { ...held, ...next };
}

function withPart(
  held: unknown,
  sub: Attribute,
  op: Operation['op'],
  value: unknown,
): Resource | undefined {
  const rest = Object.entries(isObject(held) ? held : {}).filter(([name]) => name !== sub.name);
  const part = op === 'remove' ? undefined : valueOf(sub, value);
  const isCleared = part === undefined || (sub.name === 'value' && part === '');
  const next = isCleared ? rest : [...rest, [sub.name, part] as const];
  return next.length > 0 && !(isCleared && sub.name === 'value')
    ? Object.fromEntries(next)
    : undefined;
}
