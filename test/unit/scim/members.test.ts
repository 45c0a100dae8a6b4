import { describe, expect, it } from '@jest/globals';
import { joined, type MemberChange } from '../../../src/scim/patch/members.ts';

const nothing: MemberChange = { replaces: false, add: [], remove: [] };

/** The members of a group after a change. */
function after(members: readonly string[], { replaces, add, remove }: MemberChange): string[] {
  const kept = replaces ? [] : members.filter((id) => !remove.includes(id));
  return [...new Set([...kept, ...add])].sort();
}

describe('changes of members that are joined', () => {
  const changes: MemberChange[] = [
    nothing,
    { ...nothing, add: ['a'] },
    { ...nothing, remove: ['a'] },
    { ...nothing, add: ['b'], remove: ['a'] },
    { ...nothing, add: ['a'], remove: ['b'] },
    { ...nothing, replaces: true, add: ['c'] },
    { ...nothing, replaces: true },
  ];
  const pairs = changes.flatMap((first) => changes.map((then) => [first, then] as const));

  it.each([[[]], [['a']], [['a', 'b', 'd']]])(
    'do to %j what one after the other does',
    (members) => {
      for (const [first, then] of pairs) {
        const one = after(members, joined(first, then));
        expect({ first, then, members: one }).toEqual({
          ...{ first, then },
          members: after(after(members, first), then),
        });
      }
    },
  );
});
