import {
  MongoBulkWriteError,
  type AnyBulkWriteOperation,
  type Collection,
  type Filter,
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
  update: Record<string, unknown>;
}

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
  },
): Promise<(Result | Unwritten)[]> {
  const results = new Map<string, Result | Unwritten>();
  let pending = writes;
  for (let round = 0; pending.length > 0; round++) {
    if (round === maxRounds) throw new Error('The documents keep changing; write the batch again.');
    const found = await retryOnce(() => how.look(pending.map(how.keyOf)));
    const seen = new Map(found.map((document) => [document._id, document]));
    const operations = new Map<string, AnyBulkWriteOperation<Stored>>();
    pending = pending.filter((write) => {
      const key = how.keyOf(write);
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
    pending = pending.filter((write) => !tooLarge.includes(how.keyOf(write)));
  }
  return writes.map((write) => results.get(how.keyOf(write)) ?? 'stale');
}

function operationOf<Stored extends Fenced>(
  key: string,
  seen: Stored | undefined,
  { guard, update }: Plan<unknown>,
  token: number,
): AnyBulkWriteOperation<Stored> {
  const filter: Record<string, unknown> = { _id: key, 'mirror.fence': { $lt: token }, ...guard };
  const upsert = seen === undefined;
  return { updateOne: { filter: filter as Filter<Stored>, update, upsert } };
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
    const { matchedCount, upsertedCount } = await retryOnce(() =>
      collection.bulkWrite(
        operations.map(([, operation]) => operation),
        { ordered: false },
      ),
    );
    return { met: matchedCount + upsertedCount === operations.length, tooLarge: [] };
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
