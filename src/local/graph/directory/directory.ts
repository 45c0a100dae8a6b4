import { systemClock, type Clock } from '../../../ops/clock.ts';
import { createRandom, drawUuid, mixSeeds, type Random } from '../random.ts';
import type { DirectoryEvent, Edge, EdgeKind, Happening, ObjectType, Properties } from './event.ts';
import { lastSequence } from './history.ts';
import { changeAtRandom } from './random-change.ts';
import { createSnapshot, type Snapshot } from './snapshot.ts';
import { DirectoryTables, type ObjectState } from './state.ts';
import { View } from './view.ts';

/** What a directory starts with: everything of it has existed since sequence 0. */
export interface Company {
  objects: { type: ObjectType; id: string; properties: Properties; managerId?: string }[];
  edges: (Edge & { groupId: string })[];
}

interface DirectoryOptions {
  company?: Company;
  seed?: number;
  clock?: Clock;
  /** Draws how late delta shows a change. */
  drawLateMs?: () => number;
  /** Security groups are purged at once when deleted, as Entra did for years. */
  purgesSecurityGroups?: () => boolean;
  /** Kinds of members that readers are not shown. */
  omitsMembers?: (memberType: ObjectType) => boolean;
}

type Listener = (event: DirectoryEvent) => void;

/**
 * A simulated Entra tenant: state, history and the operations that change it. Operations throw
 * where the real directory would refuse, and do nothing where there is nothing to change.
 */
export class Directory {
  readonly tables = new DirectoryTables();
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #drawLateMs: () => number;
  readonly #purgesSecurityGroups: () => boolean;
  readonly #omitsMembers: (memberType: ObjectType) => boolean;
  readonly #listeners = new Set<Listener>();

  constructor(options: DirectoryOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#seed = options.seed ?? 1;
    this.#drawLateMs = options.drawLateMs ?? (() => 0);
    this.#purgesSecurityGroups = options.purgesSecurityGroups ?? (() => false);
    this.#omitsMembers = options.omitsMembers ?? (() => false);
    if (options.company) this.#load(options.company);
  }

  get sequence(): number {
    return lastSequence(this.tables.history);
  }

  get history(): readonly DirectoryEvent[] {
    return this.tables.history.events;
  }

  /** The directory as it is now. */
  now(): View {
    return new View(this.tables);
  }

  /** Everything that a reader can see now, for comparison with a mirror. */
  snapshot(): Snapshot {
    return createSnapshot(this.tables, this.now(), this.#omitsMembers);
  }

  /** Called with each change, in order; returns the function that ends it. */
  onEvent(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies a change of a former run, as it was. */
  replay(event: DirectoryEvent): void {
    this.tables.apply(event);
  }

  createUser(properties: Properties = {}, id = this.#nextId()): string {
    return this.#create('user', id, { accountEnabled: true, userType: 'Member', ...properties });
  }

  updateUser(id: string, properties: Properties): void {
    this.#update('user', id, properties);
  }

  /** Soft: a restorable person keeps memberships, reports and the manager. */
  deleteUser(id: string): void {
    this.#require(id, 'user', 'active');
    this.#commit('user', id, { kind: 'softDeleted' });
  }

  setManager(userId: string, managerId: string): void {
    this.#require(managerId, 'user', 'active');
    this.#setManager(userId, managerId);
  }

  clearManager(userId: string): void {
    this.#setManager(userId, null);
  }

  createGroup(properties: Properties = {}, id = this.#nextId()): string {
    return this.#create('group', id, {
      groupTypes: [],
      securityEnabled: true,
      mailEnabled: false,
      ...properties,
    });
  }

  updateGroup(id: string, properties: Properties): void {
    this.#update('group', id, properties);
  }

  deleteGroup(id: string): void {
    const { properties } = this.#require(id, 'group', 'active');
    const types: unknown = properties['groupTypes'];
    const unified = Array.isArray(types) && types.includes('Unified');
    this.#commit('group', id, { kind: 'softDeleted' });
    if (!unified && this.#purgesSecurityGroups()) this.purge(id);
  }

  /** Devices, service principals and contacts: here only as members. */
  createOther(type: 'device' | 'servicePrincipal' | 'orgContact', properties: Properties): string {
    return this.#create(type, this.#nextId(), properties);
  }

  restore(id: string): void {
    const { type } = this.#require(id, undefined, 'softDeleted');
    this.#commit(type, id, { kind: 'restored' });
  }

  /** For good: memberships, ownerships and reports of the object end with it. */
  purge(id: string): void {
    const { type } = this.#require(id, undefined, 'softDeleted');
    for (const { groupId, kind, memberId, memberType } of this.tables.edgesTo(id)) {
      const isGone = this.now().find(groupId)?.state === 'purged';
      if (!isGone && this.#isLinked(groupId, kind, memberId)) {
        const edge = { kind, memberId, memberType };
        this.#commit('group', groupId, { kind: 'edgeRemoved', edge, byPurge: true });
      }
    }
    for (const userId of this.tables.everReportedTo(id)) {
      if (this.now().find(userId)?.managerId !== id) continue;
      this.#commit('user', userId, {
        kind: 'managerSet',
        managerId: null,
        previousId: id,
        byPurge: true,
      });
    }
    this.#commit(type, id, { kind: 'purged' });
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

  /** One realistic change, drawn with `random`; tells which. */
  randomChange(random: Random): string {
    return changeAtRandom(this, random);
  }

  #load({ objects, edges }: Company): void {
    for (const { type, id, properties, managerId = null } of objects) {
      this.tables.addObject(type, id, {
        sequence: 0,
        at: 0,
        state: 'active',
        properties,
        managerId,
      });
    }
    for (const { groupId, ...edge } of edges) this.tables.turnEdge(groupId, edge, 0);
  }

  #create(type: ObjectType, id: string, properties: Properties): string {
    if (this.tables.objects.has(id))
      throw new Error(`an object with id ${id} exists: choose another id`);
    const createdDateTime = new Date(this.#clock.now()).toISOString();
    this.#commit(type, id, { kind: 'created', properties: { createdDateTime, ...properties } });
    return id;
  }

  #update(type: ObjectType, id: string, properties: Properties): void {
    this.#require(id, type, 'active');
    this.#commit(type, id, { kind: 'updated', properties });
  }

  #setManager(userId: string, managerId: string | null): void {
    const { managerId: previousId } = this.#require(userId, 'user', 'active');
    if (managerId === previousId) return;
    this.#commit('user', userId, { kind: 'managerSet', managerId, previousId });
  }

  #turnEdge(groupId: string, kind: EdgeKind, memberId: string, on: boolean): boolean {
    this.#require(groupId, 'group', 'active');
    if (this.#isLinked(groupId, kind, memberId) === on) return false;
    const { type: memberType } = this.#require(memberId, undefined, on ? 'active' : undefined);
    const edge = { kind, memberId, memberType };
    this.#commit('group', groupId, { kind: on ? 'edgeAdded' : 'edgeRemoved', edge });
    return true;
  }

  #isLinked(groupId: string, kind: EdgeKind, memberId: string): boolean {
    const record = this.tables.edgesOf(groupId, kind)?.byMember.get(memberId);
    return record !== undefined && this.now().hasEdge(record);
  }

  #require(id: string, type?: ObjectType, state?: ObjectState) {
    const seen = this.now().find(id);
    if (!seen || (type && seen.type !== type))
      throw new Error(`there is no ${type ?? 'object'} ${id}`);
    if (state && seen.state !== state)
      throw new Error(`${seen.type} ${id} is ${seen.state}, not ${state}`);
    return seen;
  }

  #commit(type: ObjectType, id: string, happening: Happening): void {
    const lateMs = this.#drawLateMs();
    const happened = { sequence: this.sequence + 1, at: this.#clock.now(), type, id };
    const event = { ...happened, ...(lateMs > 0 && { lateMs }), ...happening };
    this.tables.apply(event);
    for (const listener of this.#listeners) listener(event);
  }

  #nextId(): string {
    const random: Random = createRandom(mixSeeds(this.#seed, this.sequence + 1));
    return drawUuid(random);
  }
}
