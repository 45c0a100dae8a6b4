import type { Random } from '../random.ts';
import type { DirectoryEvent, EdgeKind, ObjectType, Properties } from './event.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';
import { purgeObject } from './purge.ts';
import { changeAtRandom } from './random-change.ts';
import { createSnapshot, type Snapshot } from './snapshot.ts';
import type { DirectoryTables } from './state.ts';
import type { View } from './view.ts';

interface DirectoryOptions extends LedgerOptions {
  /** Security groups are purged at once when deleted, as Entra did for years. */
  purgesSecurityGroups?: () => boolean;
  /** Kinds of members that readers are not shown. */
  omitsMembers?: (memberType: ObjectType) => boolean;
}

/**
 * A simulated Entra tenant: state, history and the operations that change it. Operations throw
 * where the real directory would refuse, and do nothing where there is nothing to change.
 */
export class Directory {
  readonly #ledger: Ledger;
  readonly #purgesSecurityGroups: () => boolean;
  readonly #omitsMembers: (memberType: ObjectType) => boolean;

  constructor(options: DirectoryOptions = {}) {
    this.#ledger = new Ledger(options);
    this.#purgesSecurityGroups = options.purgesSecurityGroups ?? (() => false);
    this.#omitsMembers = options.omitsMembers ?? (() => false);
  }

  get tables(): DirectoryTables {
    return this.#ledger.tables;
  }

  /** Of the last change; 0 before the first. */
  get sequence(): number {
    return this.#ledger.sequence;
  }

  get history(): readonly DirectoryEvent[] {
    return this.tables.history.events;
  }

  /** The directory as it is now. */
  now(): View {
    return this.#ledger.now();
  }

  /** Everything that exists now, for comparison with a mirror. */
  snapshot(): Snapshot {
    return createSnapshot(this.tables, this.now(), this.#omitsMembers);
  }

  /** Called with each change, in order; returns the function that ends it. */
  onEvent(listener: (event: DirectoryEvent) => void): () => void {
    return this.#ledger.onEvent(listener);
  }

  /** Applies a change of a former run, as it was. */
  replay(event: DirectoryEvent): void {
    this.tables.apply(event);
  }

  createUser(properties: Properties = {}, id = this.#ledger.nextId()): string {
    const defaults = { accountEnabled: true, userType: 'Member' };
    return this.#ledger.create('user', id, { ...defaults, ...properties });
  }

  updateUser(id: string, properties: Properties): void {
    this.#update('user', id, properties);
  }

  /** Soft: a restorable person keeps memberships, reports and the manager. */
  deleteUser(id: string): void {
    this.#ledger.require(id, 'user', 'active');
    this.#ledger.commit('user', id, { kind: 'softDeleted' });
  }

  setManager(userId: string, managerId: string): void {
    this.#ledger.require(managerId, 'user', 'active');
    this.#setManager(userId, managerId);
  }

  clearManager(userId: string): void {
    this.#setManager(userId, null);
  }

  createGroup(properties: Properties = {}, id = this.#ledger.nextId()): string {
    const defaults = { groupTypes: [], securityEnabled: true, mailEnabled: false };
    return this.#ledger.create('group', id, { ...defaults, ...properties });
  }

  updateGroup(id: string, properties: Properties): void {
    this.#update('group', id, properties);
  }

  deleteGroup(id: string): void {
    const { properties } = this.#ledger.require(id, 'group', 'active');
    const types: unknown = properties['groupTypes'];
    const isUnified = Array.isArray(types) && types.includes('Unified');
    this.#ledger.commit('group', id, { kind: 'softDeleted' });
    if (!isUnified && this.#purgesSecurityGroups()) this.purge(id);
  }

  /** Devices, service principals and contacts: here only as members. */
  createOther(type: 'device' | 'servicePrincipal' | 'orgContact', properties: Properties): string {
    return this.#ledger.create(type, this.#ledger.nextId(), properties);
  }

  /** Brings a soft-deleted user or group back as it was. */
  restore(id: string): void {
    const { type } = this.#ledger.require(id, undefined, 'softDeleted');
    this.#ledger.commit(type, id, { kind: 'restored' });
  }

  /** For good: memberships, ownerships and reports of the object end with it. */
  purge(id: string): void {
    purgeObject(this.#ledger, id);
  }

  /** The four edge operations tell whether they changed anything. */
  addMember(groupId: string, memberId: string): boolean {
    return this.#turnEdge(groupId, 'member', memberId, true);
  }

  removeMember(groupId: string, memberId: string): boolean {
    return this.#turnEdge(groupId, 'member', memberId, false);
  }

  addOwner(groupId: string, ownerId: string): boolean {
    return this.#turnEdge(groupId, 'owner', ownerId, true);
  }

  removeOwner(groupId: string, ownerId: string): boolean {
    return this.#turnEdge(groupId, 'owner', ownerId, false);
  }

  /** One realistic change, drawn with `random`; tells which. Restores what was deleted by `restorable`. */
  randomChange(random: Random, restorable?: number): string {
    return changeAtRandom(this, random, restorable);
  }

  #update(type: 'user' | 'group', id: string, properties: Properties): void {
    this.#ledger.require(id, type, 'active');
    this.#ledger.commit(type, id, { kind: 'updated', properties });
  }

  #setManager(userId: string, managerId: string | null): void {
    const { managerId: previousId } = this.#ledger.require(userId, 'user', 'active');
    if (managerId === previousId) return;
    this.#ledger.commit('user', userId, { kind: 'managerSet', managerId, previousId });
  }

  #turnEdge(groupId: string, kind: EdgeKind, memberId: string, on: boolean): boolean {
    this.#ledger.require(groupId, 'group', 'active');
    if (this.#ledger.isLinked(groupId, kind, memberId) === on) return false;
    const member = this.#ledger.require(memberId, undefined, on ? 'active' : undefined);
    const edge = { kind, memberId, memberType: member.type };
    this.#ledger.commit('group', groupId, { kind: on ? 'edgeAdded' : 'edgeRemoved', edge });
    return true;
  }
}
