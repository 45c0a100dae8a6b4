import { CommandError } from '../errors.ts';
import { Collection, type Journal } from './collection.ts';

/** All collections, by namespace (`database.collection`). */
export class Databases {
  readonly #collections = new Map<string, Collection>();
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  all(): Collection[] {
    return [...this.#collections.values()];
  }

  of(database: string): Collection[] {
    return this.all().filter(({ namespace }) => namespace.startsWith(`${database}.`));
  }

  find(namespace: string): Collection | undefined {
    return this.#collections.get(namespace);
  }

  /** The collection, created where it is missing. */
  open(namespace: string): Collection {
    const existing = this.#collections.get(namespace);
    if (existing) return existing;
    if (!/^[^.$\0 ]+\.[^$\0]+$/.test(namespace)) {
      throw new CommandError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
    }
    const collection = new Collection(namespace, this.#journal);
    this.#collections.set(namespace, collection);
    this.#journal.define(
      namespace,
      collection.indexes.map(({ spec }) => spec),
    );
    return collection;
  }

  drop(namespace: string): boolean {
    const dropped = this.#collections.delete(namespace);
    if (dropped) this.#journal.drop(namespace);
    return dropped;
  }
}
