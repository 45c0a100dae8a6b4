/** A group that the application has turned into a team. */
export interface StoredTeam {
  /** `<connectionId>/<groupId>` */
  _id: string;
  connectionId: string;
  groupId: string;
  /** Key of the group's document. */
  groupKey: string;
  name: string;
  /** Members of the group itself, or of the groups in it too. */
  members: 'direct' | 'effective';
  status: TeamStatus;
  /** Why, where it is held or in error. */
  reason: string | null;
  syncedAt: Date | null;
  /** What the application uses it for: while there is any, it is not removed unless forced. */
  uses: string[];
  createdAt: Date;
}
export type TeamStatus = 'pending' | 'synced' | 'error' | 'held';

export interface StoredTeamMember {
  /** `<teamId>/<personKey>` */
  _id: string;
  teamId: string;
  /** Key of the person's document. */
  personKey: string;
  since: Date;
}

/** What an application decides about a connection's people. */
export interface StoredSettings {
  /** The connection's id. */
  _id: string;
  /** Groups whose members are in scope; null: everybody. */
  scope: string[] | null;
}

export interface StoredActivation {
  /** `<connectionId>/<personKey>` */
  _id: string;
  at: Date;
}
