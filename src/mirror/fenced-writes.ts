import {
  MongoBulkWriteError,
  type AnyBulkWriteOperation,
  type Collection,
  type Filter,
  type OptionalId,
  type UpdateFilter,
} from 'mongodb';
import { retryOnce } from './retry.ts';
import { isTooLarge } from './too-large.ts';

interface Fenced {
  _id: string;
  mirror: { fence: number };
}

/** What a write would do to the document as it was seen, and which of its fields that rests on. */
export interface Plan<Result> {
  result: Result;
  /** Fields that must still be as they were seen. */
  guard: Record<string, unknown>;
  update: Update;
}

/** Fields of a document, and those of our part of it as `mirror.name`. */
export interface Update {
  $set: Record<string, unknown>;
  $inc?: Record<string, number>;
  $unset?: Record<string, string>;
}

const ours = 'mirror.';

/** More than writers of one document at a time: each round lost means that another one has won. */
const maxRounds = 20;

/** What became of a write that did not apply: a newer read has been there, or no document holds so much. */
export type Unwritten = 'stale' | 'tooLarge';

/**
 * Writes where `fence < token` and gives each write's result. A plan is made from the document as it was seen and applies only to that; if another writer
 * came between, the document is looked at again. So the first look may be as old as it likes.
 */
export async function writeFenced<Stored extends Fenced, Write, Result>(
  collection: Collection<Stored>,
  writes: readonly Write[],
  how: {
    token: number;
    keyOf: (write: Write) => string;
    /** Reads what plans rest on. */
    look: (keys: string[]) => Promise<Stored[]>;
    plan: (write: Write, seen: Stored | undefined) => Plan<Result>;
    /** Nothing of it is thought to be there, so that the first look is saved; a wrong guess costs a round. */
    isNew?: boolean | undefined;
  },
): Promise<(Result | Unwritten)[]> {
  const keyed = writes.map((write) => ({ write, key: how.keyOf(write) }));
  const results = new Map<string, Result | Unwritten>();
  let pending = keyed;
  for (let round = 0; pending.length > 0; round++) {
    if (round === maxRounds) throw new Error('The documents keep changing; write the batch again.');
    const isGuess = how.isNew && round === 0;
    const found = isGuess ? [] : await retryOnce(() => how.look(pending.map(({ key }) => key)));
    const seen = new Map(found.map((document) => [document._id, document]));
    const operations = new Map<string, AnyBulkWriteOperation<Stored>>();
    pending = pending.filter(({ write, key }) => {
      const document = seen.get(key);
      const planned = how.plan(write, document);
      const fence = document?.mirror.fence ?? -1;
      // A batch's token is its own: a document that carries it has been written by an earlier round.
      if (fence !== how.token || !results.has(key))
        results.set(key, fence > how.token ? 'stale' : planned.result);
      if (fence >= how.token) return false;
      operations.set(key, operationOf(key, document, planned, how.token));
      return true;
    });
    const { met, tooLarge } = await writeAll(collection, [...operations]);
    if (met) break;
    for (const key of tooLarge) results.set(key, 'tooLarge');
    pending = pending.filter(({ key }) => !tooLarge.includes(key));
  }
  return keyed.map(({ key }) => results.get(key) ?? 'stale');
}

function operationOf<Stored extends Fenced>(
  key: string,
  seen: Stored | undefined,
  { guard, update }: Plan<unknown>,
  token: number,
): AnyBulkWriteOperation<Stored> {
  // An insert and an upsert fail alike where another one was first; an insert is far cheaper.
  if (!seen) return { insertOne: { document: inserted<Stored>(key, update) } };
  const filter: Record<string, unknown> = { _id: key, 'mirror.fence': { $lt: token }, ...guard };
  return {
    updateOne: { filter: filter as Filter<Stored>, update: update as UpdateFilter<Stored> },
  };
}

/** The document that an update makes of nothing. */
function inserted<Stored extends Fenced>(
  _id: string,
  { $set, $inc = {} }: Update,
): OptionalId<Stored> {
  const mirror: Record<string, unknown> = {};
  const document: Record<string, unknown> = { _id, mirror };
  for (const fields of [$set, $inc]) {
    for (const path of Object.keys(fields)) {
      if (path.startsWith(ours)) mirror[path.slice(ours.length)] = fields[path];
      else document[path] = fields[path];
    }
  }
  return document as OptionalId<Stored>;
}

interface Written {
  /** Every operation met its document. Which ones did not is not told, so that is looked up. */
  met: boolean;
  /** Keys of documents that would be larger than MongoDB takes. */
  tooLarge: string[];
}

async function writeAll<Stored extends Fenced>(
  collection: Collection<Stored>,
  operations: readonly (readonly [string, AnyBulkWriteOperation<Stored>])[],
): Promise<Written> {
  if (operations.length === 0) return { met: true, tooLarge: [] };
  try {
    const { matchedCount, insertedCount } = await retryOnce(() =>
      collection.bulkWrite(
        operations.map(([, operation]) => operation),
        { ordered: false },
      ),
    );
    return { met: matchedCount + insertedCount === operations.length, tooLarge: [] };
  } catch (error) {
    if (isDuplicateKey(error)) return { met: false, tooLarge: [] };
    if (!isTooLarge(error)) throw error;
    return writeApart(collection, operations);
  }
}

/** One of them is too large, and the driver does not say which: the halves are tried until it stands alone. */
async function writeApart<Stored extends Fenced>(
  collection: Collection<Stored>,
  operations: readonly (readonly [string, AnyBulkWriteOperation<Stored>])[],
): Promise<Written> {
  if (operations.length === 1) return { met: false, tooLarge: operations.map(([key]) => key) };
  const half = Math.ceil(operations.length / 2);
  const first = await writeAll(collection, operations.slice(0, half));
  const second = await writeAll(collection, operations.slice(half));
  return { met: false, tooLarge: [...first.tooLarge, ...second.tooLarge] };
}

/** Code 11000 tells only that the document exists: another insert came between. */
export function isDuplicateKey(error: unknown): boolean {
  if (error instanceof MongoBulkWriteError)
    return [error.writeErrors].flat().every(({ code }) => code === 11_000);
  return error instanceof Error && 'code' in error && error.code === 11_000;
}
