import { aloneId } from '../mirror/scim-alone.ts';
import type { ScimEdge } from '../mirror/scim-edges.ts';
import type { StoredMember, StoredResource } from '../scim/types.ts';
import { shownId, type DirectoryDeps } from './project-objects.ts';

/** Brings the directory up to memberships that SCIM sent; repeating it changes nothing. */
export async function projectMembers(
  { store, mirror }: DirectoryDeps,
  members: readonly StoredMember[],
): Promise<void> {
  const keys = (of: (member: StoredMember) => string) => [
    ...new Set(members.map((member) => `${member.connectionId}/${of(member)}`)),
  ];
  const memberKeys = keys(({ memberId }) => memberId);
  const [groups, users, nested] = await Promise.all([
    store.Group.byKeys(keys(({ groupId }) => groupId)),
    store.User.byKeys(memberKeys),
    store.Group.byKeys(memberKeys),
  ]);
  const known = {
    groups: byKey(groups),
    users: byKey(users),
    nested: byKey(nested),
  };
  const edges = members.map((member) => edgesOf(member, known));
  await mirror.writeScimEdges(edges.flat());
  await store.members.settle(
    members.map((member, at) => ({
      member,
      shown: edges[at]?.find(({ present }) => present)?.memberId ?? null,
    })),
  );
}

type ByKey = ReadonlyMap<string, StoredResource>;
const byKey = (records: StoredResource[]): ByKey => new Map(records.map((one) => [one._id, one]));

/** The membership as it is to be shown, and what was shown of it under another id. */
function edgesOf(
  { connectionId, groupId, memberId, present, shown, revision }: StoredMember,
  known: { groups: ByKey; users: ByKey; nested: ByKey },
): ScimEdge[] {
  const group = known.groups.get(`${connectionId}/${groupId}`);
  const user = known.users.get(`${connectionId}/${memberId}`);
  const member = user ?? known.nested.get(`${connectionId}/${memberId}`);
  const memberType = user || !member ? 'user' : 'group';
  const edge = { connectionId, groupId: aloneId(groupId), memberType, revision } as const;
  // Where Graph shows the group, its members are Graph's to say.
  const isShown =
    present && group?.live === true && group.link === undefined && member?.live === true;
  const wanted = isShown ? shownId(member) : undefined;
  const others = new Set([shown, member && shownId(member), aloneId(memberId)]);
  return [
    ...[...others].flatMap((id) =>
      id && id !== wanted ? [{ ...edge, memberId: id, present: false }] : [],
    ),
    ...(wanted === undefined ? [] : [{ ...edge, memberId: wanted, present: true }]),
  ];
}
