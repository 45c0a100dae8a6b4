import { ObjectId } from 'bson';
import type { Command, Context } from '../context.ts';
import type { Doc } from '../engine/document.ts';
import { findRecords } from '../engine/query.ts';
import { CommandError, writeError } from '../errors.ts';
import { applyUpdate } from './apply-update.ts';
import { docOf, docsOf, namespaceOf, refuseCollation } from './arguments.ts';
import { assertFits } from './assert-fits.ts';

export const insert: Command = (command, { databases, faults }) => {
  const namespace = namespaceOf(command);
  const collection = databases.open(namespace);
  let n = 0;
  const writeErrors = eachStatement(command, docsOf(command, 'documents'), (doc) => {
    assertFits(doc, 'insert');
    const between = faults.takeInsertion(namespace);
    if (between) collection.insert(between);
    collection.insert(withId(doc));
    n++;
  });
  return { n, writeErrors, ok: 1 };
};

export const update: Command = (command, context) => {
  const namespace = namespaceOf(command);
  const reply = { n: 0, nModified: 0 };
  const upserted: Doc[] = [];
  const writeErrors = eachStatement(command, docsOf(command, 'updates'), (statement, index) => {
    const outcome = applyUpdate(updateRequest(namespace, statement), context);
    reply.n += outcome.inserted ? 1 : outcome.matched;
    reply.nModified += outcome.modified;
    if (outcome.inserted) upserted.push({ index, _id: outcome.after?.['_id'] });
  });
  return { ...reply, upserted: upserted.length > 0 ? upserted : undefined, writeErrors, ok: 1 };
};

export const deleteDocuments: Command = (command, context) => {
  const namespace = namespaceOf(command);
  let n = 0;
  const writeErrors = eachStatement(command, docsOf(command, 'deletes'), (statement) => {
    n += deleteMatching(namespace, statement, context);
  });
  return { n, writeErrors, ok: 1 };
};

/** Runs statement by statement; an ordered command ends at its first error. */
function eachStatement(
  command: Doc,
  statements: readonly Doc[],
  run: (statement: Doc, index: number) => void,
): Doc[] | undefined {
  const errors: Doc[] = [];
  const ordered = command['ordered'] !== false;
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      errors.push(writeError(error, index));
      if (ordered) break;
    }
  }
  return errors.length > 0 ? errors : undefined;
}

/** `_id` becomes the first field, whoever gave it. */
function withId(doc: Doc): Doc {
  if (typeof doc['_id'] === 'string' && firstField(doc) === '_id') return doc;
  const { _id = new ObjectId(), ...fields } = doc;
  if (Array.isArray(_id) || _id instanceof RegExp) {
    throw new CommandError('InvalidIdField', "The '_id' value cannot be an array or a pattern");
  }
  return { _id, ...fields };
}

function firstField(doc: Doc): string | undefined {
  for (const name in doc) return name;
  return undefined;
}

function updateRequest(namespace: string, statement: Doc): Parameters<typeof applyUpdate>[0] {
  refuseCollation(statement);
  return {
    namespace,
    filter: docOf(statement, 'q'),
    update: statement['u'],
    arrayFilters: docsOf(statement, 'arrayFilters'),
    sort: docOf(statement, 'sort'),
    upsert: statement['upsert'] === true,
    multi: statement['multi'] === true,
  };
}

function deleteMatching(namespace: string, statement: Doc, { databases }: Context): number {
  refuseCollation(statement);
  const collection = databases.find(namespace);
  const limit = statement['limit'] === 1 ? 1 : 0;
  const records = findRecords(collection, { filter: docOf(statement, 'q'), limit });
  for (const record of records) collection?.remove(record);
  return records.length;
}
