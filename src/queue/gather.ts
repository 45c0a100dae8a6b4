import type { Clock } from '../ops/clock.ts';
import { chooseTenant } from './choose-tenant.ts';

export interface GatherLimits {
  /** How long the first message of a tenant waits for others. */
  gatherMs: number;
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
 * waits for a slot its line grows, so that batches become larger under load.
 */
export class Gatherer<Item> {
  readonly #run: RunBatch<Item>;
  readonly #clock: Clock;
  readonly #limits: GatherLimits;
  readonly #lines = new Map<string, Line<Item>>();
  readonly #running = new Map<string, number>();
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
      const ripe = [...this.#lines].filter(([, line]) => line.ripe).map(([tenantId]) => tenantId);
      const tenantId = chooseTenant(ripe, this.#running, this.#limits.slots);
      if (tenantId === undefined) return;
      void this.#start(tenantId, this.#take(tenantId));
    }
  }

  /** What is left of a line goes to the end: tenants take turns. */
  #take(tenantId: string): Entry<Item>[] {
    const entries = this.#lines.get(tenantId)?.entries ?? [];
    const taken = entries.splice(0, countFor(entries, this.#limits.maxObjects));
    this.#lines.delete(tenantId);
    const objects = new Set(entries.flatMap((entry) => entry.objects));
    if (entries.length > 0) this.#lines.set(tenantId, { entries, objects, ripe: true });
    return taken;
  }

  async #start(tenantId: string, entries: readonly Entry<Item>[]): Promise<void> {
    this.#running.set(tenantId, (this.#running.get(tenantId) ?? 0) + 1);
    const items = entries.map(({ item }) => item);
    await this.#run(tenantId, items);
    const left = (this.#running.get(tenantId) ?? 1) - 1;
    if (left > 0) this.#running.set(tenantId, left);
    else this.#running.delete(tenantId);
    for (const { done } of entries) done();
    this.#dispatch();
  }
}

function countFor(entries: readonly { objects: readonly string[] }[], maxObjects: number): number {
  const seen = new Set<string>();
  const end = entries.findIndex(({ objects }) => {
    for (const object of objects) seen.add(object);
    return seen.size > maxObjects;
  });
  return end === -1 ? entries.length : Math.max(end, 1);
}
