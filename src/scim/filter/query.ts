import { badRequest } from '../errors.ts';
import { named, type Attribute, type ResourceType } from '../schema/attribute.ts';
import { resolvePath, type Target } from '../schema/path.ts';
import type { Filter, FilterValue, Operator } from './parse.ts';

/** A query of MongoDB; names come from schemas, values are scalars or escaped patterns. */
export type Query = Record<string, unknown>;

type Compare = Filter & { kind: 'compare' };

/**
 * The query for a filter. Throws a `ScimError` (400, invalidFilter) where it names what no schema knows,
 * so that an unknown filter never becomes no filter. `groupsWith` gives the ids of groups of a member.
 */
export async function queryOf(
  type: ResourceType,
  filter: Filter,
  groupsWith: (memberId: string) => Promise<string[]>,
): Promise<Query> {
  const deeper = (part: Filter) => queryOf(type, part, groupsWith);
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { [`$${filter.kind}`]: await Promise.all(filter.parts.map(deeper)) };
    case 'not':
      return { $nor: [await deeper(filter.part)] };
    case 'compare':
    case 'within': {
      const target = targetOf(type, filter.path);
      if (target.attribute.name === 'members') {
        return { id: { $in: await groupsWith(memberIn(filter, target)) } };
      }
      return filter.kind === 'compare'
        ? comparison(target, filter)
        : elementQuery(target, filter.part);
    }
  }
}

const indexed = ['id', 'keys.userName', 'keys.displayName', 'keys.mail', 'resource.externalId'];

/** Whether an index leads to what a query finds, so that its cost does not grow with the tenant (pure). */
export function isIndexed(query: Query): boolean {
  return Object.entries(query).some(([name, value]) => {
    if (name === '$and') return (value as Query[]).some(isIndexed);
    if (name === '$or') return (value as Query[]).every(isIndexed);
    if (!indexed.includes(name)) return false;
    if (value instanceof RegExp) return value.source.startsWith('^') && !value.ignoreCase;
    return (
      typeof value === 'string' || (typeof value === 'object' && value !== null && '$in' in value)
    );
  });
}

function targetOf(type: ResourceType, path: string): Target {
  const target = resolvePath(type, path);
  const { mutability, returned } = target?.attribute ?? {};
  if (target && mutability !== 'writeOnly' && returned !== 'request') return target;
  throw badRequest('invalidFilter', `"${path.slice(0, 128)}" is no attribute.`);
}

function memberIn(filter: Compare | (Filter & { kind: 'within' }), { sub }: Target): string {
  const wanted = filter.kind === 'within' ? filter.part : filter;
  const isOfValue =
    wanted.kind === 'compare' &&
    wanted.operator === 'eq' &&
    (filter.kind === 'within' ? wanted.path.toLowerCase() === 'value' : sub?.name !== 'type');
  if (isOfValue && typeof wanted.value === 'string') return wanted.value;
  throw badRequest('invalidFilter', 'Groups are found by members.value eq "id".');
}

/** Fields of the record itself, and lower-case copies that an index holds. */
const ownFields: Record<string, string> = {
  id: 'id',
  'meta.created': 'createdAt',
  'meta.lastModified': 'changedAt',
};
const foldedFields: Record<string, string> = {
  userName: 'keys.userName',
  displayName: 'keys.displayName',
};

function comparison(target: Target, { operator, value }: Compare): Query {
  const { attribute, sub = valuePart(attribute), extension } = target;
  const path = sub ? `${attribute.name}.${sub.name}` : attribute.name;
  const own = extension ? undefined : ownFields[path];
  if (own) return condition(own, operator, own === 'id' ? value : dateOf(value));
  if (attribute.name === 'meta') throw badRequest('invalidFilter', `"${path}" is not searched.`);
  const shadow = extension ? undefined : foldedFields[path];
  if (shadow && typeof value === 'string') {
    return condition(shadow, operator, value.toLowerCase());
  }
  const field = `resource.${extension ? `${extension.key}.` : ''}${path}`;
  return compareField(field, sub ?? attribute, operator, value);
}

/** A complex attribute stands for its value. */
const valuePart = ({ sub }: Attribute) => sub?.find(({ name }) => name === 'value');

function elementQuery({ attribute, extension }: Target, part: Filter): Query {
  if (!attribute.multiValued) {
    throw badRequest('invalidFilter', `"${attribute.name}" is no list.`);
  }
  const mail = attribute.name === 'emails' ? workMail(part) : undefined;
  if (mail !== undefined) return { 'keys.mail': mail };
  const field = `resource.${extension ? `${extension.key}.` : ''}${attribute.name}`;
  return { [field]: { $elemMatch: partQuery(attribute, part) } };
}

function partQuery(attribute: Attribute, filter: Filter): Query {
  const deeper = (part: Filter) => partQuery(attribute, part);
  if ('parts' in filter) return { [`$${filter.kind}`]: filter.parts.map(deeper) };
  if (filter.kind === 'not') return { $nor: [deeper(filter.part)] };
  const sub = named(attribute.sub, filter.path);
  if (filter.kind === 'within' || !sub) {
    throw badRequest('invalidFilter', `"${attribute.name}" has no "${filter.path.slice(0, 64)}".`);
  }
  return compareField(sub.name, sub, filter.operator, filter.value);
}

/** The address of `type eq "work" and value eq "…"`, by which Entra matches people; an index holds it. */
function workMail(part: Filter): string | undefined {
  if (part.kind !== 'and' || part.parts.length !== 2) return undefined;
  const equal = (name: string) =>
    part.parts.flatMap((one) =>
      one.kind === 'compare' && one.operator === 'eq' && one.path.toLowerCase() === name
        ? [one.value]
        : [],
    )[0];
  const [type, value] = [equal('type'), equal('value')];
  const isWork = typeof type === 'string' && type.toLowerCase() === 'work';
  return isWork && typeof value === 'string' ? value.toLowerCase() : undefined;
}

function compareField(
  field: string,
  { type, caseExact }: Attribute,
  operator: Operator,
  value: FilterValue | undefined,
): Query {
  if (operator === 'pr') return condition(field, operator, undefined);
  if (type === 'boolean') return condition(field, operator, /^true$/i.test(String(value)));
  if (value === null || value === undefined) return condition(field, operator, null);
  const text = String(value);
  const isPattern = ['eq', 'ne', 'co', 'sw', 'ew'].includes(operator);
  if (caseExact || !isPattern) return condition(field, operator, text);
  const same = { [field]: pattern(operator, text, 'i') };
  return operator === 'ne' ? { $nor: [same] } : same;
}

function condition(field: string, operator: Operator, value: unknown): Query {
  switch (operator) {
    case 'eq':
      return { [field]: value };
    case 'ne':
      return { $nor: [{ [field]: value }] };
    case 'pr':
      return { [field]: { $exists: true, $nin: [null, '', []] } };
    case 'gt':
      return { [field]: { $gt: value } };
    case 'ge':
      return { [field]: { $gte: value } };
    case 'lt':
      return { [field]: { $lt: value } };
    case 'le':
      return { [field]: { $lte: value } };
    default:
      return { [field]: pattern(operator, String(value), '') };
  }
}

function pattern(operator: Operator, text: string, flags: string): RegExp {
  const literal = text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const begin = operator === 'co' || operator === 'ew' ? '' : '^';
  const end = operator === 'co' || operator === 'sw' ? '' : '$';
  return new RegExp(`${begin}${literal}${end}`, flags);
}

function dateOf(value: FilterValue | undefined): Date {
  const at = new Date(String(value));
  if (!Number.isNaN(at.getTime())) return at;
  throw badRequest('invalidFilter', 'Times are written like "2026-11-29T10:00:00Z".');
}
