import type { Command, Context } from '../context.ts';
import { isDoc, type Doc } from '../engine/document.ts';
import { mingoPipeline } from '../engine/mingo.ts';
import { findRecords, type Query } from '../engine/query.ts';
import { CommandError } from '../errors.ts';
import { databaseOf, docOf, docsOf, namespaceOf, numberOf } from './arguments.ts';

export const aggregate: Command = (command, context) => {
  const pipeline = docsOf(command, 'pipeline');
  refuseStages(pipeline);
  if (typeof command['aggregate'] !== 'string') {
    throw new CommandError('InvalidNamespace', 'only pipelines on a collection are served');
  }
  const namespace = namespaceOf(command);
  const batchSize = docOf(command, 'cursor')['batchSize'];
  const options = typeof batchSize === 'number' ? { batchSize } : {};
  const docs = runPipeline(namespace, pipeline, context, databaseOf(command));
  return { cursor: context.cursors.start(namespace, docs, options), ok: 1 };
};

/** The stages at the head of a pipeline that a query can do, and the rest. */
export function splitPipeline(pipeline: readonly Doc[]): { query: Query; rest: readonly Doc[] } {
  const query: Query = { filter: {} };
  let taken = 0;
  const [match] = pipeline;
  if (isDoc(match?.['$match'])) {
    query.filter = match['$match'];
    taken++;
  }
  const sort = pipeline[taken]?.['$sort'];
  if (isDoc(sort)) {
    query.sort = sort;
    taken++;
  }
  const stage = pipeline[taken];
  if (stage && '$limit' in stage) {
    query.limit = numberOf(stage, '$limit');
    if (query.limit === 0) throw new CommandError(15958, 'the limit must be positive');
    taken++;
  }
  return { query, rest: pipeline.slice(taken) };
}

function runPipeline(
  namespace: string,
  pipeline: readonly Doc[],
  { databases }: Context,
  database: string,
): Doc[] {
  const { query, rest } = splitPipeline(pipeline);
  const records = findRecords(databases.find(namespace), query);
  const counted = countedAs(rest);
  if (counted) return records.length > 0 ? [{ ...counted, n: records.length }] : [];
  const docs = records.map(({ doc }) => doc);
  if (rest.length === 0) return docs;
  return mingoPipeline(docs, rest, (name) =>
    findRecords(databases.find(`${database}.${name}`), { filter: {} }).map(({ doc }) => doc),
  );
}

/** The driver's `countDocuments` is `{ $group: { _id: 1, n: { $sum: 1 } } }`. */
function countedAs([stage, ...others]: readonly Doc[]): Doc | undefined {
  const group = stage?.['$group'];
  if (others.length > 0 || !isDoc(group) || Object.keys(group).length !== 2) return undefined;
  const { _id, n } = group;
  return typeof _id === 'number' && isDoc(n) && n['$sum'] === 1 ? { _id } : undefined;
}

const unserved = new Set([
  '$out',
  '$merge',
  '$changeStreamSplitLargeEvent',
  '$collStats',
  '$indexStats',
]);

function refuseStages(pipeline: readonly Doc[]): void {
  for (const stage of pipeline) {
    const [name, second] = Object.keys(stage);
    if (name === undefined || second !== undefined) {
      const message = 'A pipeline stage specification object must contain exactly one field.';
      throw new CommandError(40323, message);
    }
    if (name === '$changeStream') {
      const message = 'The $changeStream stage is only supported on replica sets';
      throw new CommandError(40573, message);
    }
    if (unserved.has(name)) {
      throw new CommandError('CommandNotSupported', `the stage ${name} is not served here`);
    }
    if (!stages.has(name)) {
      throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    }
  }
}

const stages = new Set([
  '$addFields',
  '$bucket',
  '$bucketAuto',
  '$count',
  '$densify',
  '$documents',
  '$facet',
  '$fill',
  '$graphLookup',
  '$group',
  '$limit',
  '$lookup',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$sample',
  '$set',
  '$setWindowFields',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unionWith',
  '$unset',
  '$unwind',
]);
