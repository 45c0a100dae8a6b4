import { systemClock, type Clock } from '../../../ops/clock.ts';
import { createRandom, drawUuid, mixSeeds } from '../random.ts';
import type { DirectoryEvent, Edge, EdgeKind, Happening, ObjectType, Properties } from './event.ts';
import { lastSequence } from './history.ts';
import { DirectoryTables, type ObjectState } from './state.ts';
import { View, type Seen } from './view.ts';

/** What a directory starts with: everything of it has existed since sequence 0. */
export interface Company {
  objects: { type: ObjectType; id: string; properties: Properties; managerId?: string }[];
  edges: (Edge & { groupId: string })[];
}

export interface LedgerOptions {
  company?: Company;
  seed?: number;
  clock?: Clock;
  /** Draws how late delta shows a change. */
  drawLateMs?: () => number;
}

type Listener = (event: DirectoryEvent) => void;

/** The tables with the only way to change them: an event, which every listener is told. */
export class Ledger {
  readonly tables = new DirectoryTables();
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #drawLateMs: () => number;
  readonly #listeners = new Set<Listener>();

  constructor({ company, seed = 1, clock = systemClock, drawLateMs = () => 0 }: LedgerOptions) {
    this.#clock = clock;
    this.#seed = seed;
    this.#drawLateMs = drawLateMs;
    if (company) load(this.tables, company);
  }

  get sequence(): number {
    return lastSequence(this.tables.history);
  }

  now(): View {
    return new View(this.tables);
  }

  onEvent(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  commit(type: ObjectType, id: string, happening: Happening): void {
    const lateMs = this.#drawLateMs();
    const happened = { sequence: this.sequence + 1, at: this.#clock.now(), type, id };
    const event = { ...happened, ...(lateMs > 0 && { lateMs }), ...happening };
    this.tables.apply(event);
    for (const listener of this.#listeners) listener(event);
  }

  create(type: ObjectType, id: string, properties: Properties): string {
    if (this.tables.objects.has(id)) {
      throw new Error(`an object with id ${id} exists: choose another id`);
    }
    const createdDateTime = new Date(this.#clock.now()).toISOString();
    this.commit(type, id, { kind: 'created', properties: { ...properties, createdDateTime } });
    return id;
  }

  /** Drawn from the seed and the sequence, hence the same in every run and never twice. */
  nextId(): string {
    return drawUuid(createRandom(mixSeeds(this.#seed, this.sequence + 1)));
  }

  /** The object as it is; throws where it is not of this type and in this state. */
  require(id: string, type?: ObjectType, state?: ObjectState): Seen {
    const seen = this.now().find(id);
    if (!seen || (type && seen.type !== type)) {
      throw new Error(`there is no ${type ?? 'object'} ${id}`);
    }
    if (state && seen.state !== state) {
      throw new Error(`${seen.type} ${id} is ${seen.state}, not ${state}`);
    }
    return seen;
  }

  isLinked(groupId: string, kind: EdgeKind, memberId: string): boolean {
    const record = this.tables.edgesOf(groupId, kind)?.byMember.get(memberId);
    return record !== undefined && this.now().hasEdge(record);
  }
}

function load(tables: DirectoryTables, { objects, edges }: Company): void {
  for (const { type, id, properties, managerId = null } of objects) {
    tables.addObject(type, id, { sequence: 0, at: 0, state: 'active', properties, managerId });
  }
  for (const { groupId, ...edge } of edges) tables.turnEdge(groupId, edge, 0);
}
