import type { DirectoryEvent } from '../directory/event.ts';
import { eventsAfter, sequenceAt } from '../directory/history.ts';
import type { DirectoryTables } from '../directory/state.ts';
import { View } from '../directory/view.ts';
import { createRandom, drawInteger, mixSeeds, shuffle, type Random } from '../random.ts';
import { eventsByObject, showChanges } from './changes.ts';
import { createPageFill, type DeltaItem } from './item.ts';
import type { Manner, Moment } from './token.ts';
import type { Tracked } from './tracked.ts';

/** All items of a round between two moments; the same ones whenever it is asked. */
export function windowItems(
  tables: DirectoryTables,
  type: 'user' | 'group',
  tracked: Tracked,
  { from, to, manner }: { from: Moment; to: Moment; manner: Manner },
): DeltaItem[] {
  const events = eventsBetween(tables, from, to).flatMap((event) => [
    ...(event.type === type ? [event] : []),
    ...(type === 'group' && manner.restoredMembers ? reappearances(tables, event) : []),
  ]);
  const sets = manner.copies ? events.map((event) => [event]) : eventsByObject(events);
  const items = sets.flatMap((set) => showChanges(tables, set, tracked, manner));
  const random = createRandom(mixSeeds(from.sequence, to.sequence));
  return repeatSome(random, manner.copies ? shuffle(random, items) : items, manner.repeatRate);
}

export function windowPage(
  items: readonly DeltaItem[],
  offset: number,
): { items: DeltaItem[]; next?: number } {
  const page = createPageFill();
  for (let index = offset; index < items.length; index += 1) {
    if (page.isFull()) return { items: page.items, next: index };
    const item = items[index];
    if (item) page.add(item);
  }
  return { items: page.items };
}

/** Changes that became visible after `from` and not after `to`: a late one may be older than `from`. */
function eventsBetween({ history }: DirectoryTables, from: Moment, to: Moment): DirectoryEvent[] {
  const before = Math.min(from.sequence, sequenceAt(history, from.at - history.latestMs - 1));
  return eventsAfter(history, before).filter((event) => {
    const visibleAt = event.at + (event.lateMs ?? 0);
    const wasShown = event.sequence <= from.sequence && visibleAt <= from.at;
    return !wasShown && event.sequence <= to.sequence && visibleAt <= to.at;
  });
}

/** A restored member, told as if added to each of the groups. */
function reappearances(tables: DirectoryTables, event: DirectoryEvent): DirectoryEvent[] {
  if (event.kind !== 'restored') return [];
  const view = new View(tables, event.sequence);
  const { sequence, at, id } = event;
  return (['member', 'owner'] as const)
    .flatMap((kind) => view.edgesTo(id, kind))
    .map(({ groupId, kind, memberId, memberType }) => ({
      ...{ sequence, at, type: 'group' as const, id: groupId },
      kind: 'edgeAdded' as const,
      edge: { kind, memberId, memberType },
    }));
}

function repeatSome(random: Random, items: readonly DeltaItem[], rate: number): DeltaItem[] {
  const repeated = [...items];
  if (rate === 0) return repeated;
  for (const item of items) {
    if (random() < rate) repeated.splice(drawInteger(random, repeated.length + 1), 0, item);
  }
  return repeated;
}
