import type { DirectoryEvent } from '../directory/event.ts';
import type { DirectoryTables } from '../directory/state.ts';
import { View, type Seen } from '../directory/view.ts';
import {
  linkTo,
  removedLink,
  showProperties,
  visibleEdges,
  withEdges,
  type DeltaItem,
  type Link,
  type LinkOf,
} from './item.ts';
import type { Manner } from './token.ts';
import type { Tracked } from './tracked.ts';

/** Events of one object, in order. */
type ObjectEvents = readonly DirectoryEvent[];

export function eventsByObject(events: readonly DirectoryEvent[]): ObjectEvents[] {
  const byId = new Map<string, DirectoryEvent[]>();
  for (const event of events) {
    const known = byId.get(event.id);
    if (known) known.push(event);
    else byId.set(event.id, [event]);
  }
  return [...byId.values()];
}

/** Items for the changes of one object, with the state that it had after the last of them. */
export function showChanges(
  tables: DirectoryTables,
  events: ObjectEvents,
  tracked: Tracked,
  manner: Manner,
): DeltaItem[] {
  const last = events.at(-1);
  const view = new View(tables, last?.sequence);
  const seen = last && view.find(last.id);
  if (!seen) return [];
  if (seen.state !== 'active') {
    return [
      { id: seen.id, '@removed': { reason: seen.state === 'purged' ? 'deleted' : 'changed' } },
    ];
  }
  const isNew = events.some(({ kind }) => kind === 'created' || kind === 'restored');
  return isNew ? showNew(view, seen, tracked) : showChanged(view, seen, events, tracked, manner);
}

function showNew(view: View, seen: Seen, tracked: Tracked): DeltaItem[] {
  const item = showProperties(seen, tracked.properties, new Set());
  const manager = tracked.manager && view.manager(seen);
  if (manager) item['manager@delta'] = [linkTo('user', manager.id)];
  return withEdges(item, visibleEdges(view, seen.id, tracked));
}

function showChanged(
  view: View,
  seen: Seen,
  events: ObjectEvents,
  tracked: Tracked,
  manner: Manner,
): DeltaItem[] {
  const changed = new Set(events.flatMap(changedNames));
  const changedTracked = tracked.properties.filter((name) => changed.has(name));
  const edges = changedEdges(view, events, tracked);
  const manager = tracked.manager ? changedManager(view, seen, events, manner) : [];
  if (changedTracked.length + edges.length + manager.length === 0) return [];
  const names = manner.changedOnly ? changedTracked : tracked.properties;
  const item = showProperties(seen, names, changed);
  if (manager.length > 0) item['manager@delta'] = manager;
  return withEdges(item, edges);
}

function changedNames(event: DirectoryEvent): string[] {
  return event.kind === 'updated' ? Object.keys(event.properties) : [];
}

/** The last state of each edge; one of a soft-deleted member shows only when it ends. */
function changedEdges(view: View, events: ObjectEvents, { edges }: Tracked): LinkOf[] {
  const links = new Map<string, LinkOf>();
  for (const event of events) {
    if (event.kind !== 'edgeAdded' && event.kind !== 'edgeRemoved') continue;
    const { kind, memberId, memberType } = event.edge;
    if (!edges.includes(kind)) continue;
    const key = `${kind}/${memberId}`;
    if (event.kind === 'edgeRemoved')
      links.set(key, { kind, link: removedLink(memberType, memberId) });
    else if (view.active(memberId)) links.set(key, { kind, link: linkTo(memberType, memberId) });
    else links.delete(key);
  }
  return [...links.values()];
}

function changedManager(
  view: View,
  seen: Seen,
  events: ObjectEvents,
  { formerManager }: Manner,
): Link[] {
  const changes = events.filter((event) => event.kind === 'managerSet');
  const formerId = changes[0]?.previousId;
  if (changes.length === 0) return [];
  const manager = view.manager(seen);
  const links = formerId && (formerManager || !manager) ? [removedLink('user', formerId)] : [];
  return manager ? [...links, linkTo('user', manager.id)] : links;
}
