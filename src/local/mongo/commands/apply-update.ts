import type { Context } from '../context.ts';
import type { Collection, StoredRecord } from '../engine/collection.ts';
import { isDoc, type Doc } from '../engine/document.ts';
import { findRecords } from '../engine/query.ts';
import { compileUpdate, type Update } from '../engine/update.ts';
import { upsertedDoc } from '../engine/upsert.ts';
import { CommandError } from '../errors.ts';
import { assertFits } from './assert-fits.ts';

interface UpdateRequest {
  namespace: string;
  filter: Doc;
  update: unknown;
  arrayFilters: readonly Doc[];
  sort: Doc;
  upsert: boolean;
  multi: boolean;
}

interface UpdateOutcome {
  matched: number;
  modified: number;
  /** The last document that matched, as it was. */
  before?: Doc;
  /** That document, or the inserted one, as it is now. */
  after?: Doc;
  inserted: boolean;
}

/** One update statement, of `update` and of `findAndModify`. */
export function applyUpdate(request: UpdateRequest, context: Context): UpdateOutcome {
  const { namespace, filter, sort, upsert, multi } = request;
  const spec = updateSpec(request);
  const update = compileUpdate(spec, filter, request.arrayFilters);
  const collection = context.databases.find(namespace);
  const records = findRecords(collection, { filter, sort, limit: multi ? 0 : 1 });
  if (collection && records.length > 0) return change(collection, records, update, context.now());
  if (!upsert) return { matched: 0, modified: 0, inserted: false };
  if ('$expr' in filter) {
    const message = '$expr is not allowed in the query predicate for an upsert';
    throw new CommandError('QueryFeatureNotAllowed', message);
  }
  const target = context.databases.open(namespace);
  const between = context.faults.takeInsertion(namespace);
  if (between) target.insert(between);
  const after = upsertedDoc(filter, update, isReplacement(spec), context.now());
  assertFits(after, 'upsert');
  target.insert(after);
  return { matched: 0, modified: 0, after, inserted: true };
}

function change(
  collection: Collection,
  records: readonly StoredRecord[],
  update: Update,
  now: Date,
): UpdateOutcome {
  const outcome: UpdateOutcome = { matched: 0, modified: 0, inserted: false };
  for (const record of records) {
    const before = record.doc;
    const after = update(before, { inserting: false, now });
    if (after !== before) {
      assertFits(after, 'update');
      collection.replace(record, after);
      outcome.modified++;
    }
    outcome.matched++;
    outcome.before = before;
    outcome.after = after;
  }
  return outcome;
}

function updateSpec({ update, multi }: UpdateRequest): Doc | Doc[] {
  if (Array.isArray(update) && update.every(isDoc)) return update;
  if (!isDoc(update)) {
    const message = 'Update argument must be either an object or an array';
    throw new CommandError('FailedToParse', message);
  }
  if (multi && isReplacement(update)) {
    const message = 'multi update is not supported for replacement-style update';
    throw new CommandError('FailedToParse', message);
  }
  return update;
}

const isReplacement = (update: Doc | readonly Doc[]): boolean =>
  !Array.isArray(update) && !Object.keys(update).some((name) => name.startsWith('$'));
