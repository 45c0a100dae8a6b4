import type { ObjectRef } from '../change.ts';
import { isOk } from './answer.ts';
import { batchGet, type Part } from './batch.ts';
import type { GraphClient } from './client.ts';
import { failureOf } from './failure.ts';
import { assertPermitted } from './permission.ts';
import type { PropertyTable } from './properties.ts';
import type { Lane, Read } from './types.ts';
import { wholeObject, wholeQuery } from './whole-object.ts';

/** Whole reads by id; what is not there is looked for in deletedItems. One result per ref, in its order. */
export async function readObjects(
  client: GraphClient,
  table: PropertyTable,
  refs: readonly ObjectRef[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<Read[]> {
  const get = async <T extends ObjectRef>(wanted: readonly T[], pathOf: (ref: T) => string) => {
    const parts = await batchGet(client, wanted, pathOf, lane, signal);
    const typed = parts.map(({ item, answer }) => ({ type: item.type, answer }));
    await assertPermitted(client, typed, lane, signal);
    return parts;
  };

  const live = await get(refs, (ref) => objectPath(ref, table));
  const missing = live.filter(isMissing);
  const looked = await get(
    missing.map(({ item }) => item),
    deletedPath,
  );
  const absent = new Map(missing.map((part, index) => [part, looked[index]]));
  return live.map((part) => {
    const deleted = absent.get(part);
    return deleted ? absentRead(client, deleted) : liveRead(client, table, part);
  });
}

function objectPath({ type, id }: ObjectRef, table: PropertyTable): string {
  return `/${type}s/${encodeURIComponent(id)}?${wholeQuery(type, table)}`;
}

function deletedPath({ id }: ObjectRef): string {
  return `/directory/deletedItems/${encodeURIComponent(id)}?$select=id`;
}

function isMissing({ answer }: Part<ObjectRef>): boolean {
  return !(answer instanceof Error) && answer.status === 404;
}

function absentRead(client: GraphClient, part: Part<ObjectRef>): Read {
  if (isMissing(part)) return { kind: 'missing' };
  if (part.answer instanceof Error || !isOk(part.answer)) return failureOf(client, part.answer);
  return { kind: 'softDeleted' };
}

function liveRead(client: GraphClient, table: PropertyTable, part: Part<ObjectRef>): Read {
  const { item, answer } = part;
  if (answer instanceof Error || !isOk(answer)) return failureOf(client, answer);
  try {
    return { kind: 'found', object: wholeObject(item.type, answer.body, table) };
  } catch {
    return { kind: 'failed', reason: `Graph's answer cannot be read as a ${item.type}` };
  }
}
