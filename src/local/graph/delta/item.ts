import type { EdgeKind, ObjectType } from '../directory/event.ts';
import type { Seen, View } from '../directory/view.ts';
import { odataType } from '../http/properties.ts';
import type { Tracked } from './tracked.ts';

export type DeltaItem = Record<string, unknown> & { id: string };

/** One entry of `members@delta`, `owners@delta` or `manager@delta`. */
export interface Link {
  '@odata.type': string;
  id: string;
  '@removed'?: { reason: 'deleted' };
}

export interface LinkOf {
  kind: EdgeKind;
  link: Link;
}

const EDGES_PER_ITEM = 400;
const OBJECT_WEIGHT = 5;
const PAGE_WEIGHT = 1_000;

export function linkTo(type: ObjectType, id: string): Link {
  return { '@odata.type': odataType(type), id };
}

export function removedLink(type: ObjectType, id: string): Link {
  return { ...linkTo(type, id), '@removed': { reason: 'deleted' } };
}

/** Properties as delta shows them: never-set ones are absent, cleared ones null. */
export function showProperties(
  seen: Seen,
  names: readonly string[],
  changed: ReadonlySet<string>,
): DeltaItem {
  const item: DeltaItem = { id: seen.id };
  for (const name of names) {
    const value = seen.properties[name];
    if (value !== undefined && (value !== null || changed.has(name))) item[name] = value;
  }
  return item;
}

/** All edges of a group that a reader may see. */
export function visibleEdges(view: View, groupId: string, { edges }: Tracked): LinkOf[] {
  return edges.flatMap((kind) =>
    view.edgeRecords(groupId, kind).flatMap((record) => {
      const member = view.visibleMember(record);
      return member ? [{ kind, link: linkTo(member.type, member.id) }] : [];
    }),
  );
}

/** The same item several times with a part of its edges each, as large groups come. */
export function withEdges(item: DeltaItem, edges: readonly LinkOf[]): DeltaItem[] {
  if (edges.length === 0) return [item];
  const items: DeltaItem[] = [];
  for (let start = 0; start < edges.length; start += EDGES_PER_ITEM) {
    items.push({ ...item, ...listEdges(edges.slice(start, start + EDGES_PER_ITEM)) });
  }
  return items;
}

function listEdges(edges: readonly LinkOf[]): Record<string, Link[]> {
  const listed: Record<string, Link[]> = {};
  for (const { kind, link } of edges) (listed[`${kind}s@delta`] ??= []).push(link);
  return listed;
}

/** Collects items until a page is full. */
export function createPageFill() {
  const items: DeltaItem[] = [];
  let weight = 0;
  return {
    items,
    isFull: () => weight >= PAGE_WEIGHT,
    add(item: DeltaItem): void {
      items.push(item);
      weight += OBJECT_WEIGHT + countEdges(item);
    },
  };
}

function countEdges(item: DeltaItem): number {
  return ['members@delta', 'owners@delta'].reduce((count, name) => {
    const edges = item[name];
    return count + (Array.isArray(edges) ? edges.length : 0);
  }, 0);
}
