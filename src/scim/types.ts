import type { MemberChange } from './patch/members.ts';
import type { Resource } from './schema/value.ts';

export type Kind = 'User' | 'Group';
export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A resource of SCIM as it was sent; the mirror's documents are made from it. */
export interface StoredResource {
  /** `<connectionId>/<id>` */
  _id: string;
  connectionId: string;
  /** Ours, given once: Entra keeps it. */
  id: string;
  resource: Resource;
  keys: ResourceKeys;
  /** False once it was deleted. */
  live: boolean;
  /** Grows by one with each change; the ETag. */
  revision: number;
  createdAt: Date;
  changedAt: Date;
  /** Of the call that wrote it last. */
  writtenBy: WriteMethod;
  /** The mirror does not show this revision yet. */
  due: boolean;
  /** Grows by one each time that it becomes due without a change of its own. */
  touched?: number;
  /** Object id under which Graph shows it. */
  link?: string;
  /** Changes of members that were begun: after a crash they are carried on. */
  pending?: MemberIntent[];
  /** When a deleted one goes. */
  expireAt?: Date;
}

/** Lower-case copies that indexes hold; `unique` is what no other live resource of its kind may have. */
export interface ResourceKeys {
  unique: string;
  userName?: string;
  displayName?: string;
  mail?: string;
}

/** A change of members with its place in the order of the group's changes. */
export interface MemberIntent extends MemberChange {
  seq: number;
}

/** One membership, so that a group of any size costs what changed. */
export interface StoredMember {
  /** `<connectionId>/<groupId>/<memberId>` */
  _id: string;
  connectionId: string;
  groupId: string;
  memberId: string;
  present: boolean;
  /** Revision of the group that wrote it: an older change never overwrites it. */
  seq: number;
  /** Grows by one with each write. */
  revision: number;
  changedAt: Date;
  due: boolean;
  /** The member's id in the directory, while it is shown there. */
  shown?: string | null;
}

export type Mode = 'scim' | 'graph' | 'both';

/** How an application's customer is connected. */
export interface StoredConnection {
  _id: string;
  name: string;
  mode: Mode;
  /** The Entra tenant, once it is known. */
  tenantId: string | null;
  paused: boolean;
  createdAt: Date;
  /** Signs cursors, setup links and the state of a consent. */
  signingKey: string;
  secrets: StoredSecret[];
  users: boolean;
  groups: boolean;
  /** Attributes taken besides the schemas', each `<urn>:<name>`. */
  attributes: string[];
  activity: Activity;
  /** How far what Graph changed has been followed. */
  followed?: { user?: Date; group?: Date };
  /** What was done to it, the newest last. */
  history: { at: Date; what: string }[];
  /** The consent that is awaited: it is taken once. */
  consent?: { nonce: string; endsAt: Date };
  /** A tenant that says it has consented, until a token proves it. */
  proving?: { tenantId: string; endsAt: Date };
  /** Permissions of Microsoft Graph that the tenant's administrator granted; absent before consent. */
  granted?: string[];
}

export interface StoredSecret {
  keyId: string;
  /** SHA-256 of the secret, which has 256 random bits and needs no slow hash. */
  hash: string;
  createdAt: Date;
  /** Set once a newer one has taken its place. */
  endsAt: Date | null;
  lastUsedAt: Date | null;
}

/** What Entra did, from which the state of a connection is told. */
export interface Activity {
  version: number;
  /** The last Test Connection, or what looks like one: an answer to a wrong secret too. */
  testedAt?: Date;
  refusedAt?: Date;
  firstCallAt?: Date;
  lastCallAt?: Date;
  /** The first cycle that wrote and the newest ones. */
  cycles: Cycle[];
}

/** Calls without a longer pause between them. */
export interface Cycle {
  startedAt: Date;
  endedAt: Date;
  calls: number;
  users: number;
  groups: number;
  members: number;
  failures: number;
}
