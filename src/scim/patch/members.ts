import { badRequest } from '../errors.ts';
import type { Filter } from '../filter/parse.ts';
import type { Target } from '../schema/path.ts';
import { valueOf } from '../schema/value.ts';
import type { Operation } from './operations.ts';

/** What a request does to a group's members, whatever they are before it. */
export interface MemberChange {
  /** All others go. */
  replaces: boolean;
  add: string[];
  remove: string[];
}

const maxMembers = 5_000;

/** Several operations on members, folded into one change. */
export function createMemberChange() {
  const add = new Set<string>();
  const remove = new Set<string>();
  const change: MemberChange = { replaces: false, add: [], remove: [] };
  const clear = () => {
    change.replaces = true;
    add.clear();
    remove.clear();
  };
  return {
    get change(): MemberChange {
      return { ...change, add: [...add], remove: [...remove] };
    },
    apply(op: Operation['op'], target: Target, value: unknown): void {
      if (target.sub) throw badRequest('invalidPath', 'Members are added and removed as a whole.');
      const ids = target.filter ? chosen(target.filter) : idsOf(target, value);
      if (op === 'replace' || (op === 'remove' && ids === undefined)) clear();
      for (const id of ids ?? []) {
        if (op === 'remove') {
          add.delete(id);
          if (!change.replaces) remove.add(id);
        } else {
          remove.delete(id);
          add.add(id);
        }
      }
    },
  };
}

export const isNoChange = ({ replaces, add, remove }: MemberChange): boolean =>
  !replaces && add.length === 0 && remove.length === 0;

/** One change that does what two do, one after the other (pure). */
export function joined(first: MemberChange, then: MemberChange): MemberChange {
  if (then.replaces) return then;
  const [added, removed] = [new Set(then.add), new Set(then.remove)];
  return {
    replaces: first.replaces,
    add: [...new Set([...first.add.filter((id) => !removed.has(id)), ...added])],
    remove: first.replaces
      ? []
      : [...new Set([...first.remove.filter((id) => !added.has(id)), ...removed])],
  };
}

/** Undefined where no value is given: all of them. */
function idsOf({ attribute }: Target, value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const elements = [valueOf(attribute, value) ?? []].flat() as { value?: unknown }[];
  if (elements.length > maxMembers) {
    throw badRequest('tooMany', `An operation may name ${maxMembers} members.`);
  }
  return elements.map(({ value: id }) => {
    if (typeof id === 'string' && id !== '' && id.length <= 64) return id;
    throw badRequest('invalidValue', 'Each member needs the id of a user or group as its value.');
  });
}

/** `value eq "a"`, or several of them joined by `or`. */
function chosen(filter: Filter): string[] {
  if (filter.kind === 'or') return filter.parts.flatMap(chosen);
  const isId =
    filter.kind === 'compare' &&
    filter.operator === 'eq' &&
    filter.path.toLowerCase() === 'value' &&
    typeof filter.value === 'string';
  if (isId) return [String(filter.value)];
  throw badRequest('invalidFilter', 'Members are chosen by members[value eq "id"].');
}
