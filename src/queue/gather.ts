import type { Clock } from '../ops/clock.ts';
import { chooseTenant } from './choose-tenant.ts';

export interface GatherLimits {
  /** How long the first message of a tenant waits for others. */
  gatherMs: number;
  /** How long what is about objects under way waits for their end. */
  patienceMs: number;
  /** Different objects at which a micro-batch starts without waiting longer. */
  maxObjects: number;
  /** Micro-batches under way at once. */
  slots: number;
}

interface Entry<Item> {
  item: Item;
  /** Names of what it is about. */
  objects: readonly string[];
  done: () => void;
}
interface Line<Item> {
  entries: Entry<Item>[];
  objects: Set<string>;
  ripe: boolean;
}
/** Deals with items of one tenant; it never rejects. */
type RunBatch<Item> = (tenantId: string, items: readonly Item[]) => Promise<void>;

/**
 * Gathers messages into micro-batches of one tenant and runs several of them at once. While a tenant
 * waits for a slot its line grows, so that batches become larger under load. What is mostly about objects
 * that are under way waits for their end, so that all that comes meanwhile costs one more read.
 */
export class Gatherer<Item> {
  readonly #run: RunBatch<Item>;
  readonly #clock: Clock;
  readonly #limits: GatherLimits;
  readonly #lines = new Map<string, Line<Item>>();
  readonly #running = new Map<string, number>();
  /** Objects under way, by tenant. */
  readonly #underWay = new Map<string, Set<string>>();
  #hurried = false;

  constructor(deps: { run: RunBatch<Item>; clock: Clock; limits: GatherLimits }) {
    this.#run = deps.run;
    this.#clock = deps.clock;
    this.#limits = deps.limits;
  }

  /** Resolves when the micro-batch that took the item has been dealt with. */
  add(tenantId: string, item: Item, objects: readonly string[]): Promise<void> {
    return new Promise((done) => {
      const line = this.#lines.get(tenantId) ?? this.#newLine(tenantId);
      line.entries.push({ item, objects, done });
      for (const object of objects) line.objects.add(object);
      line.ripe ||= line.objects.size >= this.#limits.maxObjects;
      if (line.ripe) this.#dispatch();
    });
  }

  /** Starts what waits without gathering any longer; so does everything added later. */
  hurry(): void {
    this.#hurried = true;
    for (const line of this.#lines.values()) line.ripe = true;
    this.#dispatch();
  }

  #newLine(tenantId: string): Line<Item> {
    const line: Line<Item> = { entries: [], objects: new Set(), ripe: this.#hurried };
    this.#lines.set(tenantId, line);
    if (!line.ripe) void this.#ripen(line);
    return line;
  }

  async #ripen(line: Line<Item>): Promise<void> {
    await this.#clock.sleep(this.#limits.gatherMs);
    line.ripe = true;
    this.#dispatch();
  }

  #dispatch(): void {
    for (;;) {
      const ready = [...this.#lines.keys()].filter((tenantId) => this.#isReady(tenantId));
      const tenantId = chooseTenant(ready, this.#running, this.#limits.slots);
      if (tenantId === undefined) return;
      void this.#start(tenantId, this.#take(tenantId));
    }
  }

  #isReady(tenantId: string): boolean {
    return this.#lines.get(tenantId)?.ripe === true && this.#choose(tenantId).taken.length > 0;
  }

  #choose(tenantId: string): Choice<Entry<Item>> {
    const entries = this.#lines.get(tenantId)?.entries ?? [];
    const underWay = this.#underWay.get(tenantId) ?? noObjects;
    return choose(entries, underWay, this.#limits.maxObjects);
  }

  /** What is left of a line goes to the end: tenants take turns. */
  #take(tenantId: string): Entry<Item>[] {
    const { taken, left } = this.#choose(tenantId);
    this.#lines.delete(tenantId);
    const objects = new Set(left.flatMap((entry) => entry.objects));
    if (left.length > 0) this.#lines.set(tenantId, { entries: left, objects, ripe: true });
    return taken;
  }

  async #start(tenantId: string, entries: readonly Entry<Item>[]): Promise<void> {
    this.#running.set(tenantId, (this.#running.get(tenantId) ?? 0) + 1);
    const items = entries.map(({ item }) => item);
    const ended = new AbortController();
    void this.#hold(tenantId, entries, ended.signal);
    await this.#run(tenantId, items);
    ended.abort();
    const left = (this.#running.get(tenantId) ?? 1) - 1;
    if (left > 0) this.#running.set(tenantId, left);
    else this.#running.delete(tenantId);
    for (const { done } of entries) done();
    this.#dispatch();
  }

  /** Counts the objects of a micro-batch as under way until it has ended; one that hangs is not waited for. */
  async #hold(
    tenantId: string,
    entries: readonly Entry<Item>[],
    ended: AbortSignal,
  ): Promise<void> {
    const underWay = this.#underWay.get(tenantId) ?? new Set();
    this.#underWay.set(tenantId, underWay);
    const added = entries.flatMap(({ objects }) => objects.filter((one) => !underWay.has(one)));
    for (const object of added) underWay.add(object);
    await this.#clock.sleep(this.#limits.patienceMs, ended);
    for (const object of added) underWay.delete(object);
    if (underWay.size === 0) this.#underWay.delete(tenantId);
    this.#dispatch();
  }
}

const noObjects: ReadonlySet<string> = new Set();

interface Choice<One> {
  taken: One[];
  left: One[];
}

/**
 * The entries of one micro-batch, and those that are left: they wait, or tell of more than it may take. For
 * one that waits others wait as well, so that all about the same objects goes together.
 */
function choose<One extends { objects: readonly string[] }>(
  entries: readonly One[],
  underWay: ReadonlySet<string>,
  maxObjects: number,
): Choice<One> {
  const [taken, left]: [One[], One[]] = [[], []];
  const objects = new Set<string>();
  const awaited = new Set(underWay);
  for (const entry of entries) {
    const isWaiting = !isFree(entry, awaited);
    if (isWaiting) for (const object of entry.objects) awaited.add(object);
    const fresh = entry.objects.filter((object) => !objects.has(object));
    const fits = taken.length === 0 || objects.size + fresh.length <= maxObjects;
    if (isWaiting || !fits) left.push(entry);
    else {
      for (const object of fresh) objects.add(object);
      taken.push(entry);
    }
  }
  return { taken, left };
}

/** A few objects that are under way are read twice rather than let others wait for them. */
function isFree({ objects }: { objects: readonly string[] }, underWay: ReadonlySet<string>) {
  if (underWay.size === 0) return true;
  const met = objects.reduce((count, object) => count + (underWay.has(object) ? 1 : 0), 0);
  return met < fewObjects && 2 * met < Math.max(1, objects.length);
}

/** What Graph reads in one request. */
const fewObjects = 20;
