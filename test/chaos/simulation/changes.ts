import type { Directory } from '../../../src/local/graph/directory/directory.ts';
import { drawInteger, pick, shuffle, type Random } from '../../../src/local/graph/random.ts';

/** Makes one change of the directory; rare and quick successions are more frequent than in life. */
export function change(directory: Directory, random: Random): void {
  const special = random() < 0.3 ? pick(random, specials) : undefined;
  if (!special?.(directory, random)) directory.randomChange(random);
}

/** Deletes `count` people at once, of whom some come back and some are purged; gives how many it were. */
export function removePeople(
  directory: Directory,
  random: Random,
  { count, comeBack, purged }: { count: number; comeBack: number; purged: number },
): number {
  const removed = shuffle(random, allActive(directory, 'user')).slice(0, count);
  for (const { id } of removed) directory.deleteUser(id);
  for (const { id } of removed.slice(0, comeBack)) directory.restore(id);
  for (const { id } of removed.slice(comeBack, comeBack + purged)) directory.purge(id);
  return removed.length;
}

/** Removes `count` members of the largest group, of whom some come back; gives how many it were. */
export function removeMembers(
  directory: Directory,
  random: Random,
  { count, comeBack }: { count: number; comeBack: number },
): number {
  const view = directory.now();
  const membersOf = (id: string) =>
    view.edgeRecords(id, 'member').filter((record) => view.hasEdge(record));
  const bySize = allActive(directory, 'group').sort(
    (one, other) => membersOf(other.id).length - membersOf(one.id).length,
  );
  const [largest] = bySize;
  if (!largest) return 0;
  const removed = shuffle(random, membersOf(largest.id)).slice(0, count);
  for (const { memberId } of removed) directory.removeMember(largest.id, memberId);
  for (const { memberId } of removed.slice(0, comeBack)) {
    if (directory.now().active(memberId)) directory.addMember(largest.id, memberId);
  }
  return removed.length;
}

type Special = (directory: Directory, random: Random) => boolean;

const specials: readonly Special[] = [
  /** The same few people again and again. */
  ...Array.from({ length: 6 }, () => changeAgain),
  /** Two people swap their names. */
  (directory, random) => {
    const [one, other] = [active(directory, random, 'user'), active(directory, random, 'user')];
    if (!one || !other) return false;
    const name = (id: string) => directory.now().find(id)?.properties['userPrincipalName'];
    const [first, second] = [name(one), name(other)];
    directory.updateUser(one, { userPrincipalName: second });
    directory.updateUser(other, { userPrincipalName: first });
    return true;
  },
  /** Deleted and restored at once. */
  (directory, random) => {
    const id = active(directory, random, 'user');
    if (!id) return false;
    directory.deleteUser(id);
    directory.restore(id);
    return true;
  },
  /** Created, deleted and purged at once. */
  (directory) => {
    const id = directory.createUser({ displayName: 'Brief Guest' });
    directory.deleteUser(id);
    directory.purge(id);
    return true;
  },
  /** A member leaves and comes back. */
  (directory, random) => {
    const groupId = active(directory, random, 'group');
    const memberId = active(directory, random, 'user');
    if (!groupId || !memberId) return false;
    if (!directory.addMember(groupId, memberId)) directory.removeMember(groupId, memberId);
    else if (random() < 0.5) directory.removeMember(groupId, memberId);
    return true;
  },
  /** A group within a group. */
  (directory, random) => {
    const [outer, inner] = [active(directory, random, 'group'), active(directory, random, 'group')];
    return outer !== undefined && inner !== undefined && outer !== inner
      ? directory.addMember(outer, inner)
      : false;
  },
  /** A member that is not mirrored itself. */
  (directory, random) => {
    const groupId = active(directory, random, 'group');
    if (!groupId) return false;
    const type = pick(random, ['device', 'servicePrincipal', 'orgContact'] as const);
    return directory.addMember(groupId, directory.createOther(type, { displayName: type }));
  },
  /** Somebody with reports, memberships and ownerships goes, perhaps for good. */
  (directory, random) => {
    const managers = directory.snapshot().managers;
    if (managers.length === 0) return false;
    const { managerId } = pick(random, managers);
    if (directory.now().find(managerId)?.state !== 'active') return false;
    directory.deleteUser(managerId);
    if (random() < 0.4) directory.purge(managerId);
    return true;
  },
  /** A group goes with all its members, perhaps to come back. */
  (directory, random) => {
    const id = active(directory, random, 'group');
    if (!id || random() < 0.5) return false;
    directory.deleteGroup(id);
    if (directory.now().find(id)?.state !== 'softDeleted') return true;
    if (random() < 0.5) directory.restore(id);
    else directory.purge(id);
    return true;
  },
];

function changeAgain(directory: Directory, random: Random): boolean {
  const view = directory.now();
  const few = view.objects('user').slice(0, 3);
  const { id } = pick(random, few);
  if (!view.active(id)) return false;
  directory.updateUser(id, { employeeId: `E-${drawInteger(random, 1_000_000)}` });
  return true;
}

function active(directory: Directory, random: Random, type: 'user' | 'group'): string | undefined {
  const all = allActive(directory, type);
  return all[drawInteger(random, Math.max(1, all.length))]?.id;
}

function allActive(directory: Directory, type: 'user' | 'group') {
  const view = directory.now();
  return view.objects(type).filter(({ id }) => view.active(id));
}
