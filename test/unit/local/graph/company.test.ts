import { describe, expect, it } from '@jest/globals';
import { foundCompany } from '../../../../src/local/graph/company/company.ts';

describe('a founded company', () => {
  const { objects, edges } = foundCompany({ seed: 3, users: 200, groups: 30 });
  const people = objects.filter(({ type }) => type === 'user');
  const byId = new Map(objects.map((object) => [object.id, object]));

  it('has as many people and groups as asked for, with ids and names of their own', () => {
    expect(people).toHaveLength(200);
    expect(objects.filter(({ type }) => type === 'group')).toHaveLength(30);
    expect(byId.size).toBe(objects.length);
    const names = people.map(({ properties }) => properties['userPrincipalName']);
    expect(new Set(names).size).toBe(200);
  });

  it('has one head, and a chain of managers from everyone to the head', () => {
    const heads = people.filter(({ managerId }) => !managerId);
    expect(heads).toHaveLength(1);
    for (let person = people.at(-1), steps = 0; person?.managerId; steps += 1) {
      expect(steps).toBeLessThan(10);
      person = byId.get(person.managerId);
    }
  });

  it('has a group of everyone, groups within groups, owners and members that are no people', () => {
    const everyone = objects.find(({ type }) => type === 'group');
    const ofEveryone = edges.filter(
      ({ groupId, kind, memberType }) =>
        groupId === everyone?.id && kind === 'member' && memberType === 'user',
    );
    expect(ofEveryone).toHaveLength(200);
    const kinds = new Set(edges.map(({ kind, memberType }) => `${kind} ${memberType}`));
    expect([...kinds].sort()).toEqual([
      'member device',
      'member group',
      'member orgContact',
      'member servicePrincipal',
      'member user',
      'owner user',
    ]);
  });

  it('is the same for the same seed and another one for another', () => {
    expect(foundCompany({ seed: 3, users: 200, groups: 30 }).objects).toEqual(objects);
    expect(foundCompany({ seed: 4, users: 200, groups: 30 }).objects).not.toEqual(objects);
  });
});
