import type { EdgeKind, ObjectType, Properties } from './event.ts';
import type { DirectoryTables } from './state.ts';
import type { View } from './view.ts';

export interface SnapshotObject {
  id: string;
  state: 'active' | 'softDeleted';
  /** Only what is set: null and never-set properties are left out. */
  properties: Properties;
}

export interface SnapshotEdge {
  groupId: string;
  kind: EdgeKind;
  memberId: string;
  memberType: ObjectType;
  /** It exists, but `/members` does not show it: the group or the member is soft-deleted, or of a kind left out. */
  hidden: boolean;
}

/** The truth that a mirror is compared with; arrays only, so that it travels as JSON. */
export interface Snapshot {
  sequence: number;
  users: SnapshotObject[];
  groups: SnapshotObject[];
  memberships: SnapshotEdge[];
  /** `hidden`: the manager is soft-deleted. */
  managers: { userId: string; managerId: string; hidden: boolean }[];
}

export function createSnapshot(
  tables: DirectoryTables,
  view: View,
  omits: (memberType: ObjectType) => boolean,
): Snapshot {
  return {
    sequence: view.sequence,
    users: objects(view, 'user'),
    groups: objects(view, 'group'),
    memberships: memberships(tables, view, omits),
    managers: managers(view),
  };
}

function objects(view: View, type: ObjectType): SnapshotObject[] {
  return view.objects(type).flatMap((object) => {
    const seen = view.see(object);
    if (!seen || seen.state === 'purged') return [];
    return [{ id: seen.id, state: seen.state, properties: withoutNulls(seen.properties) }];
  });
}

function memberships(
  tables: DirectoryTables,
  view: View,
  omits: (memberType: ObjectType) => boolean,
): SnapshotEdge[] {
  return view.objects('group').flatMap((object) => {
    const group = view.see(object);
    if (!group || group.state === 'purged') return [];
    return (['member', 'owner'] as const).flatMap((kind) =>
      (tables.edgesOf(group.id, kind)?.records ?? [])
        .filter((edge) => view.hasEdge(edge))
        .map(({ groupId, memberId, memberType }) => ({
          groupId,
          kind,
          memberId,
          memberType,
          hidden: group.state !== 'active' || !view.active(memberId) || omits(memberType),
        })),
    );
  });
}

function managers(view: View): Snapshot['managers'] {
  return view.objects('user').flatMap((object) => {
    const user = view.see(object);
    if (user?.state !== 'active' || !user.managerId) return [];
    return [{ userId: user.id, managerId: user.managerId, hidden: !view.manager(user) }];
  });
}

function withoutNulls(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== null && value !== undefined),
  );
}
