import { appendEvent, createHistory, type History } from './history.ts';
import type { DirectoryEvent, Edge, EdgeKind, ObjectType, Properties } from './event.ts';

export type ObjectState = 'active' | 'softDeleted' | 'purged';

/** An object from one change to the next. */
export interface Version {
  sequence: number;
  at: number;
  state: ObjectState;
  properties: Properties;
  managerId: string | null;
}

export interface DirectoryObject {
  type: ObjectType;
  id: string;
  /** Oldest first; those that no lagging replica can show any more are dropped. */
  versions: Version[];
  trimmed?: true;
}

/** A membership or ownership that exists or once existed. */
export interface EdgeRecord extends Edge {
  groupId: string;
  /** Sequences at which it began, ended, began again …: it exists after an odd number of them. */
  turns: number[];
}

interface EdgeList {
  /** In order of first appearance, never shortened: a position is a page token. */
  records: EdgeRecord[];
  byMember: Map<string, EdgeRecord>;
}

/** What a replica may be behind at most. */
const KEPT_VERSIONS_MS = 3_600_000;
const ABSENT = { sequence: -1, at: 0, state: 'purged', properties: {}, managerId: null } as const;

/** Everything that the directory knows, changed by events only, so that a replay gives the same. */
export class DirectoryTables {
  readonly objects = new Map<string, DirectoryObject>();
  /** In order of creation, never shortened: a position is a page token. */
  readonly byType: Record<ObjectType, DirectoryObject[]> = {
    user: [],
    group: [],
    device: [],
    servicePrincipal: [],
    orgContact: [],
  };
  readonly history: History = createHistory();
  readonly #edges: Record<EdgeKind, Map<string, EdgeList>> = {
    member: new Map(),
    owner: new Map(),
  };
  readonly #edgesOfMember = new Map<string, EdgeRecord[]>();
  readonly #everReported = new Map<string, Set<string>>();

  apply(event: DirectoryEvent): void {
    appendEvent(this.history, event);
    switch (event.kind) {
      case 'edgeAdded':
      case 'edgeRemoved':
        this.turnEdge(event.id, event.edge, event.sequence);
        return;
      case 'created':
        this.addObject(event.type, event.id, {
          ...ABSENT,
          sequence: event.sequence,
          at: event.at,
          state: 'active',
          properties: event.properties,
        });
        return;
      default:
        this.#addVersion(event);
    }
  }

  addObject(type: ObjectType, id: string, version: Version): void {
    const object: DirectoryObject = { type, id, versions: [version] };
    this.objects.set(id, object);
    this.byType[type].push(object);
    if (version.managerId) this.#noteReport(version.managerId, id);
  }

  turnEdge(groupId: string, edge: Edge, sequence: number): void {
    const list = this.#edgeList(groupId, edge.kind);
    const record = list.byMember.get(edge.memberId);
    if (record) {
      record.turns.push(sequence);
      return;
    }
    const added = { ...edge, groupId, turns: [sequence] };
    list.records.push(added);
    list.byMember.set(edge.memberId, added);
    const ofMember = this.#edgesOfMember.get(edge.memberId);
    if (ofMember) ofMember.push(added);
    else this.#edgesOfMember.set(edge.memberId, [added]);
  }

  edgesOf(groupId: string, kind: EdgeKind): EdgeList | undefined {
    return this.#edges[kind].get(groupId);
  }

  edgesTo(memberId: string): readonly EdgeRecord[] {
    return this.#edgesOfMember.get(memberId) ?? [];
  }

  /** Ids of people who ever had this manager. */
  everReportedTo(managerId: string): Iterable<string> {
    return this.#everReported.get(managerId) ?? [];
  }

  #addVersion(event: DirectoryEvent): void {
    const object = this.objects.get(event.id);
    const last = object?.versions.at(-1);
    if (!object || !last)
      throw new Error(`event ${event.sequence} changes an object that was never created`);
    object.versions.push(nextVersion(last, event));
    if (event.kind === 'managerSet' && event.managerId) this.#noteReport(event.managerId, event.id);
    trim(object, event.at - KEPT_VERSIONS_MS);
  }

  #noteReport(managerId: string, userId: string): void {
    const reports = this.#everReported.get(managerId);
    if (reports) reports.add(userId);
    else this.#everReported.set(managerId, new Set([userId]));
  }

  #edgeList(groupId: string, kind: EdgeKind): EdgeList {
    const known = this.#edges[kind].get(groupId);
    if (known) return known;
    const list: EdgeList = { records: [], byMember: new Map() };
    this.#edges[kind].set(groupId, list);
    return list;
  }
}

function nextVersion(last: Version, event: DirectoryEvent): Version {
  const next = { ...last, sequence: event.sequence, at: event.at };
  switch (event.kind) {
    case 'updated':
      return { ...next, properties: { ...last.properties, ...event.properties } };
    case 'softDeleted': {
      const deletedDateTime = new Date(event.at).toISOString();
      return { ...next, state: 'softDeleted', properties: { ...last.properties, deletedDateTime } };
    }
    case 'restored':
      return {
        ...next,
        state: 'active',
        properties: { ...last.properties, deletedDateTime: null },
      };
    case 'purged':
      return { ...next, state: 'purged', properties: {}, managerId: null };
    case 'managerSet':
      return { ...next, managerId: event.managerId };
    default:
      return next;
  }
}

function trim(object: DirectoryObject, before: number): void {
  while ((object.versions[1]?.at ?? Infinity) < before) {
    object.versions.shift();
    object.trimmed = true;
  }
}
