import { describeGroup } from '../company/groups.ts';
import { DOMAIN } from '../company/company.ts';
import { DEPARTMENTS, LOCATIONS, PROJECTS } from '../company/names.ts';
import { describePerson } from '../company/people.ts';
import { drawInteger, pick, type Random } from '../random.ts';
import type { Directory } from './directory.ts';
import type { ObjectType } from './event.ts';

/** What happens in a company, with how often out of a hundred. */
const MIX = [
  [34, changePerson],
  [20, join],
  [14, leave],
  [8, hire],
  [6, moveToManager],
  [5, changeGroup],
  [4, dismiss],
  [3, rehire],
  [2, foundTeam],
  [2, changeOwner],
  [1, dissolveTeam],
  [1, forget],
] as const;
const WEIGHT = MIX.reduce((sum, [weight]) => sum + weight, 0);

/**
 * Makes one realistic change and says which; one that nothing fits becomes a hire. People regret a
 * deletion later, not in the same moment: `restorable` is the sequence by which it has to have happened.
 */
export function changeAtRandom(directory: Directory, random: Random, restorable?: number): string {
  let drawn = drawInteger(random, WEIGHT);
  const [, change] = MIX.find(([weight]) => (drawn -= weight) < 0) ?? MIX[3];
  return change(directory, random, restorable) ?? hire(directory, random);
}

function changePerson(directory: Directory, random: Random): string | undefined {
  const id = pickActive(directory, random, 'user');
  if (!id) return undefined;
  const place = pick(random, LOCATIONS);
  const department = pick(random, DEPARTMENTS);
  const properties = pick(random, [
    { jobTitle: pick(random, department.titles), department: department.name },
    {
      officeLocation: place.office,
      city: place.city,
      country: place.country,
      usageLocation: place.code,
    },
    { mobilePhone: random() < 0.3 ? null : `${place.phone} ${1_000 + drawInteger(random, 9_000)}` },
    { businessPhones: [`${place.phone} ${1_000 + drawInteger(random, 9_000)}`] },
    { accountEnabled: random() < 0.7 },
    {
      employeeOrgData: {
        division: department.division,
        costCenter: `CC-${drawInteger(random, 900)}`,
      },
    },
  ]);
  directory.updateUser(id, properties);
  return `updated user ${id}`;
}

function hire(directory: Directory, random: Random): string {
  const managerId = pickActive(directory, random, 'user');
  const number = directory.now().objects('user').length;
  const id = directory.createUser(describePerson(random, number, DOMAIN));
  if (managerId) directory.setManager(id, managerId);
  return `created user ${id}`;
}

function dismiss(directory: Directory, random: Random): string | undefined {
  const id = pickActive(directory, random, 'user');
  if (!id) return undefined;
  directory.deleteUser(id);
  return `deleted user ${id}`;
}

function rehire(directory: Directory, random: Random, by?: number): string | undefined {
  const id = pickDeleted(directory, random, by);
  if (!id) return undefined;
  directory.restore(id);
  return `restored ${id}`;
}

function forget(directory: Directory, random: Random): string | undefined {
  const id = pickDeleted(directory, random);
  if (!id) return undefined;
  directory.purge(id);
  return `purged ${id}`;
}

function moveToManager(directory: Directory, random: Random): string | undefined {
  const id = pickActive(directory, random, 'user');
  const managerId = pickActive(directory, random, 'user');
  if (!id || !managerId || id === managerId) return undefined;
  if (random() < 0.1) directory.clearManager(id);
  else directory.setManager(id, managerId);
  return `changed manager of ${id}`;
}

function join(directory: Directory, random: Random): string | undefined {
  const groupId = pickActive(directory, random, 'group');
  const memberId = pickActive(directory, random, random() < 0.97 ? 'user' : 'group');
  if (!groupId || !memberId || groupId === memberId) return undefined;
  return directory.addMember(groupId, memberId) ? `added ${memberId} to ${groupId}` : undefined;
}

function leave(directory: Directory, random: Random): string | undefined {
  const groupId = pickActive(directory, random, 'group');
  if (!groupId) return undefined;
  const view = directory.now();
  const members = view.edgeRecords(groupId, 'member').filter((record) => view.hasEdge(record));
  if (members.length === 0) return undefined;
  const { memberId } = pick(random, members);
  directory.removeMember(groupId, memberId);
  return `removed ${memberId} from ${groupId}`;
}

function changeOwner(directory: Directory, random: Random): string | undefined {
  const groupId = pickActive(directory, random, 'group');
  const ownerId = pickActive(directory, random, 'user');
  if (!groupId || !ownerId) return undefined;
  if (!directory.addOwner(groupId, ownerId)) directory.removeOwner(groupId, ownerId);
  return `changed owner ${ownerId} of ${groupId}`;
}

function foundTeam(directory: Directory, random: Random): string {
  const number = directory.now().objects('group').length;
  const name = `Project ${pick(random, PROJECTS)} ${number}`;
  const id = directory.createGroup(describeGroup(name, number, DOMAIN, random() < 0.7));
  for (let count = 0; count < 5; count += 1) {
    const memberId = pickActive(directory, random, 'user');
    if (memberId) directory.addMember(id, memberId);
  }
  return `created group ${id}`;
}

function changeGroup(directory: Directory, random: Random): string | undefined {
  const id = pickActive(directory, random, 'group');
  if (!id) return undefined;
  directory.updateGroup(id, { description: `Revised ${drawInteger(random, 1_000_000)}` });
  return `updated group ${id}`;
}

/** Never the group of everyone, which is the first. */
function dissolveTeam(directory: Directory, random: Random): string | undefined {
  const id = pickActive(directory, random, 'group');
  if (!id || directory.now().objects('group')[0]?.id === id) return undefined;
  directory.deleteGroup(id);
  return `deleted group ${id}`;
}

/** A few draws find one in any directory that is mostly alive. */
function pickActive(directory: Directory, random: Random, type: ObjectType): string | undefined {
  const view = directory.now();
  const objects = view.objects(type);
  for (let draw = 0; draw < 20 && objects.length > 0; draw += 1) {
    const { id } = pick(random, objects);
    if (view.active(id)) return id;
  }
  return undefined;
}

function pickDeleted(directory: Directory, random: Random, by?: number): string | undefined {
  const deleted = directory.now().softDeletedIds(by);
  return deleted.length === 0 ? undefined : pick(random, deleted);
}
