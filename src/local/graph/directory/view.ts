import type { EdgeKind, ObjectType, Properties } from './event.ts';
import { lastSequence, sequenceAt } from './history.ts';
import type {
  DirectoryObject,
  DirectoryTables,
  EdgeRecord,
  ObjectState,
  Version,
} from './state.ts';

export interface Seen {
  type: ObjectType;
  id: string;
  state: ObjectState;
  properties: Properties;
  managerId: string | null;
}

/** The directory as of one change: what a replica that has not heard of later ones shows. */
export class View {
  readonly sequence: number;
  readonly #tables: DirectoryTables;

  constructor(tables: DirectoryTables, sequence = lastSequence(tables.history)) {
    this.#tables = tables;
    this.sequence = sequence;
  }

  /** In whatever state; undefined where it did not exist yet. */
  find(id: string): Seen | undefined {
    const object = this.#tables.objects.get(id);
    return object && this.see(object);
  }

  see(object: DirectoryObject): Seen | undefined {
    const version = versionAt(object, this.sequence);
    if (!version) return undefined;
    const { state, properties, managerId } = version;
    return { type: object.type, id: object.id, state, properties, managerId };
  }

  active(id: string, type?: ObjectType): Seen | undefined {
    const seen = this.find(id);
    return seen?.state === 'active' && (!type || seen.type === type) ? seen : undefined;
  }

  softDeleted(id: string): Seen | undefined {
    const seen = this.find(id);
    return seen?.state === 'softDeleted' ? seen : undefined;
  }

  /** Users and groups in order of creation; with a sequence, those that were deleted by then. */
  softDeletedIds(by = Infinity): string[] {
    return (['user', 'group'] as const)
      .flatMap((type) => this.objects(type))
      .filter((object) => {
        const version = versionAt(object, this.sequence);
        return version?.state === 'softDeleted' && version.sequence <= by;
      })
      .map(({ id }) => id);
  }

  /** A manager who is soft-deleted shows nowhere. */
  manager(user: Seen): Seen | undefined {
    return user.managerId ? this.active(user.managerId) : undefined;
  }

  objects(type: ObjectType): readonly DirectoryObject[] {
    return this.#tables.byType[type];
  }

  /** Every edge that a group ever had; `hasEdge` tells which it has now. */
  edgeRecords(groupId: string, kind: EdgeKind): readonly EdgeRecord[] {
    return this.#tables.edgesOf(groupId, kind)?.records ?? [];
  }

  hasEdge(record: EdgeRecord): boolean {
    return turnedOn(record.turns, this.sequence);
  }

  /** What a reader of `/members` is shown: soft-deleted people keep their memberships unseen. */
  visibleMember(record: EdgeRecord): Seen | undefined {
    return this.hasEdge(record) ? this.active(record.memberId) : undefined;
  }

  edgesTo(memberId: string, kind: EdgeKind): EdgeRecord[] {
    return this.#tables
      .edgesTo(memberId)
      .filter((edge) => edge.kind === kind && this.hasEdge(edge));
  }

  reports(managerId: string): Seen[] {
    return [...this.#tables.everReportedTo(managerId)].flatMap((id) => {
      const report = this.active(id, 'user');
      return report?.managerId === managerId ? [report] : [];
    });
  }
}

/** The directory as it was at an instant (milliseconds since the epoch). */
export function viewAt(tables: DirectoryTables, at: number): View {
  return new View(tables, sequenceAt(tables.history, at));
}

/** Where old versions were dropped, the oldest kept stands for them. */
function versionAt({ versions, trimmed }: DirectoryObject, sequence: number): Version | undefined {
  return (
    versions.findLast((each) => each.sequence <= sequence) ?? (trimmed ? versions[0] : undefined)
  );
}

function turnedOn(turns: readonly number[], sequence: number): boolean {
  const passed = turns.findLastIndex((turn) => turn <= sequence) + 1;
  return passed % 2 === 1;
}
