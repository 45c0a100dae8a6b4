import type { Seen, View } from '../directory/view.ts';
import {
  createPageFill,
  linkTo,
  showProperties,
  visibleEdges,
  withEdges,
  type DeltaItem,
} from './item.ts';
import type { Tracked } from './tracked.ts';

/** Where the next page of an enumeration begins: the object, and how many parts of it were shown. */
interface Position {
  object: number;
  edge: number;
}

/** One page of the enumeration that a first round is; a large group goes on over several. */
export function firstRoundPage(
  view: View,
  type: 'user' | 'group',
  tracked: Tracked,
  position: Position,
  showsDeleted: boolean,
): { items: DeltaItem[]; next?: Position } {
  const objects = view.objects(type);
  const page = createPageFill();
  let shownParts = position.edge;
  for (let index = position.object; index < objects.length; index += 1) {
    const object = objects[index];
    const seen = object && view.see(object);
    const parts = seen ? showWhole(view, seen, tracked, showsDeleted) : [];
    for (; shownParts < parts.length; shownParts += 1) {
      if (page.isFull()) return { items: page.items, next: { object: index, edge: shownParts } };
      const part = parts[shownParts];
      if (part) page.add(part);
    }
    shownParts = 0;
  }
  return { items: page.items };
}

const NOTHING_CHANGED = new Set<string>();

function showWhole(view: View, seen: Seen, tracked: Tracked, showsDeleted: boolean): DeltaItem[] {
  if (seen.state === 'softDeleted' && showsDeleted) {
    return [{ id: seen.id, '@removed': { reason: 'changed' } }];
  }
  if (seen.state !== 'active') return [];
  const item = showProperties(seen, tracked.properties, NOTHING_CHANGED);
  const manager = tracked.manager && view.manager(seen);
  if (manager) item['manager@delta'] = [linkTo('user', manager.id)];
  return withEdges(item, seen.type === 'group' ? visibleEdges(view, seen.id, tracked) : []);
}
