import type { ObjectRef } from '../change.ts';
import { isOk, type Answer } from './answer.ts';
import { batchGet } from './batch.ts';
import type { GraphClient } from './client.ts';
import { failureOf } from './failure.ts';
import { assertPermitted } from './permission.ts';
import type { PropertyTable } from './properties.ts';
import type { Lane, Read } from './types.ts';
import { wholeObject, wholeQuery } from './whole-object.ts';

type Part = { ref: ObjectRef; answer: Answer | Error };

/** Whole reads by id; what is not there is looked for in deletedItems. One result per ref, in its order. */
export async function readObjects(
  client: GraphClient,
  table: PropertyTable,
  refs: readonly ObjectRef[],
  lane: Lane,
  signal?: AbortSignal,
): Promise<Read[]> {
  const get = async (wanted: readonly ObjectRef[], path: (ref: ObjectRef) => string) => {
    const answers = await batchGet(client, wanted.map(path), lane, signal);
    const parts = wanted.map((ref, index) => ({ ref, answer: answers[index] ?? new Error() }));
    const typed = parts.map(({ ref, answer }) => ({ type: ref.type, answer }));
    await assertPermitted(client, typed, lane, signal);
    return parts;
  };

  const live = await get(refs, (ref) => objectPath(ref, table));
  const missing = live.filter(isMissing).map(({ ref }) => ref);
  const deleted = await get(
    missing,
    ({ id }) => `/directory/deletedItems/${segment(id)}?$select=id`,
  );
  const absent = deleted.map((part) => absentRead(client, part)).values();
  return live.map((part) =>
    isMissing(part) ? (absent.next().value ?? { kind: 'missing' }) : liveRead(client, table, part),
  );
}

function objectPath({ type, id }: ObjectRef, table: PropertyTable): string {
  return `/${type}s/${segment(id)}?${wholeQuery(type, table)}`;
}

const segment = encodeURIComponent;

function isMissing({ answer }: Part): boolean {
  return !(answer instanceof Error) && answer.status === 404;
}

function liveRead(client: GraphClient, table: PropertyTable, { ref, answer }: Part): Read {
  if (answer instanceof Error || !isOk(answer)) return failureOf(client, answer);
  try {
    return { kind: 'found', object: wholeObject(ref.type, answer.body, table) };
  } catch {
    return { kind: 'failed', reason: `Graph's answer cannot be read as a ${ref.type}` };
  }
}

function absentRead(client: GraphClient, part: Part): Read {
  if (isMissing(part)) return { kind: 'missing' };
  if (part.answer instanceof Error || !isOk(part.answer)) return failureOf(client, part.answer);
  return { kind: 'softDeleted' };
}
