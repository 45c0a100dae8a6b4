import { Long } from 'bson';
import type { Command } from '../context.ts';
import { isDoc, type Doc } from '../engine/document.ts';
import { keyOf } from '../engine/key.ts';
import { valuesAt } from '../engine/paths.ts';
import { compileProjection } from '../engine/project.ts';
import { findRecords, type Query } from '../engine/query.ts';
import { CommandError } from '../errors.ts';
import { docOf, namespaceOf, numberOf } from './arguments.ts';

export const find: Command = (command, { databases, cursors }) => {
  const namespace = namespaceOf(command);
  const project = compileProjection(docOf(command, 'projection'));
  const records = findRecords(databases.find(namespace), queryOf(command, 'filter'));
  const cursor = cursors.start(
    namespace,
    records.map(({ doc }) => doc),
    {
      project,
      single: command['singleBatch'] === true,
      ...(command['batchSize'] !== undefined && { batchSize: numberOf(command, 'batchSize') }),
    },
  );
  return { cursor, ok: 1 };
};

export const getMore: Command = (command, { cursors }) => ({
  cursor: cursors.next(String(command['getMore']), numberOf(command, 'batchSize')),
  ok: 1,
});

export const killCursors: Command = (command, { cursors }) => {
  const ids = Array.isArray(command['cursors']) ? command['cursors'].map(String) : [];
  const cursorsKilled = ids.filter((id) => cursors.close(id));
  return {
    cursorsKilled: cursorsKilled.map((id) => Long.fromString(id)),
    cursorsNotFound: ids
      .filter((id) => !cursorsKilled.includes(id))
      .map((id) => Long.fromString(id)),
    cursorsAlive: [],
    cursorsUnknown: [],
    ok: 1,
  };
};

export const count: Command = (command, { databases }) => {
  const query = queryOf(command, 'query');
  const collection = databases.find(namespaceOf(command));
  const isWhole = Object.keys(query.filter).length === 0 && !query.skip && !query.limit;
  const n = isWhole ? (collection?.records.size ?? 0) : findRecords(collection, query).length;
  return { n, ok: 1 };
};

export const distinct: Command = (command, { databases }) => {
  const path = command['key'];
  if (typeof path !== 'string') {
    throw new CommandError('TypeMismatch', "the field 'key' must be a string");
  }
  const parts = path.split('.');
  const records = findRecords(databases.find(namespaceOf(command)), queryOf(command, 'query'));
  const values = new Map<string, unknown>();
  for (const { doc } of records) {
    for (const value of valuesAt(doc, parts).flat()) {
      if (value !== undefined) values.set(keyOf(value), value);
    }
  }
  return { values: [...values.entries()].sort(byKey).map(([, value]) => value), ok: 1 };
};

/** The part of a command that says which documents it means. */
export function queryOf(command: Doc, filterField: 'filter' | 'query' | 'q'): Query {
  const { sort } = command;
  return {
    filter: docOf(command, filterField),
    skip: numberOf(command, 'skip'),
    limit: numberOf(command, 'limit'),
    ...(isDoc(sort) && { sort }),
  };
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
