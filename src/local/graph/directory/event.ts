export type ObjectType = 'user' | 'group' | 'device' | 'servicePrincipal' | 'orgContact';
export type EdgeKind = 'member' | 'owner';
/** Graph's property names and values; `id` is not among them, null clears one. */
export type Properties = Readonly<Record<string, unknown>>;

export interface Edge {
  kind: EdgeKind;
  memberId: string;
  memberType: ObjectType;
}

interface Happened {
  /** 1 for the first change after the company was made; without gaps. */
  sequence: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** How much later than `at` delta shows it. */
  lateMs?: number;
  type: ObjectType;
  id: string;
}

export type Happening =
  | { kind: 'created'; properties: Properties }
  | { kind: 'updated'; properties: Properties }
  | { kind: 'softDeleted' }
  | { kind: 'restored' }
  | { kind: 'purged' }
  | { kind: 'managerSet'; managerId: string | null; previousId: string | null; byPurge?: true }
  | { kind: 'edgeAdded'; edge: Edge }
  | { kind: 'edgeRemoved'; edge: Edge; byPurge?: true };

/** One change of one object: what is journalled, replayed, notified and shown by delta. */
export type DirectoryEvent = Happened & Happening;
