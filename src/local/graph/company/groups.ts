import type { Edge, Properties } from '../directory/event.ts';
import { drawInteger, drawUuid, pick, type Random } from '../random.ts';
import { DEPARTMENTS, LOCATIONS, PROJECTS, plainName } from './names.ts';
import type { Person } from './people.ts';

export interface Team {
  id: string;
  properties: Properties;
  edges: (Edge & { groupId: string })[];
}

/** One group of everyone, one per department and per office, the rest project teams. */
export function formGroups(
  random: Random,
  people: readonly Person[],
  count: number,
  domain: string,
): Team[] {
  const groups: Team[] = [];
  for (let number = 0; number < count; number += 1) {
    const id = drawUuid(random);
    const { name, members, unified } = planGroup(random, people, number);
    const edges = members.map((person) => userEdge(id, 'member', person.id));
    const owners = people.length === 0 ? [] : [pick(random, people), pick(random, people)];
    for (const owner of new Set(owners)) edges.push(userEdge(id, 'owner', owner.id));
    groups.push({ id, properties: describeGroup(name, number, domain, unified), edges });
  }
  nest(groups);
  return groups;
}

function planGroup(random: Random, people: readonly Person[], number: number) {
  if (number === 0) return { name: 'All Employees', members: people, unified: false };
  const department = DEPARTMENTS[number - 1];
  if (department) {
    const members = people.filter(({ properties }) => properties['department'] === department.name);
    return { name: `sg-${department.name}`, members, unified: false };
  }
  const place = LOCATIONS[number - 1 - DEPARTMENTS.length];
  if (place) {
    const members = people.filter(({ properties }) => properties['city'] === place.city);
    return { name: `Office ${place.city}`, members, unified: true };
  }
  const wanted = people.length === 0 ? 0 : 3 + drawInteger(random, 20);
  const members = new Set(Array.from({ length: wanted }, () => pick(random, people)));
  return {
    name: `Project ${pick(random, PROJECTS)} ${number}`,
    members: [...members],
    unified: random() < 0.7,
  };
}

export function describeGroup(
  name: string,
  number: number,
  domain: string,
  unified: boolean,
): Properties {
  const nickname = `${plainName(name)}.g${number}`;
  const mail = unified ? `${nickname}@${domain}` : null;
  const createdDateTime = new Date(Date.UTC(2015, 0, 1 + (number % 3_000))).toISOString();
  return {
    displayName: name,
    description: `${name} of Northwind Traders`,
    mail,
    mailEnabled: unified,
    mailNickname: nickname,
    securityEnabled: !unified,
    groupTypes: unified ? ['Unified'] : [],
    visibility: unified ? 'Private' : null,
    membershipRule: null,
    createdDateTime,
    renewedDateTime: createdDateTime,
    proxyAddresses: mail ? [`SMTP:${mail}`] : [],
    isAssignableToRole: false,
    classification: number % 7 === 0 ? 'Confidential' : null,
  };
}

/** Every tenth group holds the one before it, so that chains of nesting exist. */
function nest(groups: readonly Team[]): void {
  groups.forEach((outer, number) => {
    const inner = groups[number - 1];
    if (number < 10 || number % 10 > 1 || !inner) return;
    outer.edges.push({
      groupId: outer.id,
      kind: 'member',
      memberId: inner.id,
      memberType: 'group',
    });
  });
}

function userEdge(groupId: string, kind: Edge['kind'], memberId: string) {
  return { groupId, kind, memberId, memberType: 'user' as const };
}
