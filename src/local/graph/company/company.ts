import type { Company } from '../directory/ledger.ts';
import type { ObjectType } from '../directory/event.ts';
import { createRandom, drawUuid, pick, type Random } from '../random.ts';
import { formGroups, type Team } from './groups.ts';
import { hirePeople } from './people.ts';

export const DOMAIN = 'northwind.example';

/** A company of any size: people with managers, groups within groups, devices and applications as members. */
export function foundCompany({
  seed = 1,
  users = 1_000,
  groups = 100,
}: { seed?: number; users?: number; groups?: number } = {}): Company {
  const random = createRandom(seed);
  const people = hirePeople(random, users, DOMAIN);
  const teams = formGroups(random, people, groups, DOMAIN);
  const others = addOthers(random, teams, Math.min(200, Math.ceil(users / 50)));
  return {
    objects: [
      ...people.map((person) => ({ type: 'user' as const, ...person })),
      ...teams.map(({ id, properties }) => ({ type: 'group' as const, id, properties })),
      ...others,
    ],
    edges: teams.flatMap((team) => team.edges),
  };
}

/** Devices, applications and contacts, each a member of some group. */
function addOthers(random: Random, teams: readonly Team[], count: number): Company['objects'] {
  const types: ObjectType[] = ['device', 'device', 'servicePrincipal', 'orgContact'];
  return Array.from({ length: teams.length === 0 ? 0 : count }, (_, number) => {
    const type = types[number % types.length] ?? 'device';
    const id = drawUuid(random);
    const team = pick(random, teams);
    team.edges.push({ groupId: team.id, kind: 'member', memberId: id, memberType: type });
    return { type, id, properties: { displayName: `${type}-${number}` } };
  });
}
