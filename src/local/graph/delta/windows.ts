import type { DirectoryTables } from '../directory/state.ts';
import type { DeltaItem } from './item.ts';
import type { DeltaToken } from './token.ts';
import { trackedBy } from './tracked.ts';
import { windowItems } from './window.ts';

const KEPT_ROUNDS = 16;

/** Items of rounds under way, kept so that a page costs a page and not its whole round. */
export function createWindows(tables: DirectoryTables) {
  const kept = new Map<string, DeltaItem[]>();
  return {
    items(token: DeltaToken & { kind: 'window' }): DeltaItem[] {
      const { type, select, from, to, manner } = token;
      const key = JSON.stringify({ type, select, from, to, manner });
      const known = kept.get(key);
      if (known) return known;
      const items = windowItems(tables, type, trackedBy(type, select), { from, to, manner });
      kept.set(key, items);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_ROUNDS && oldest !== undefined) kept.delete(oldest);
      return items;
    },
  };
}
export type Windows = ReturnType<typeof createWindows>;
