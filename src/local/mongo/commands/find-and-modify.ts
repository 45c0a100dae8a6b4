import type { Command, Context } from '../context.ts';
import type { Doc } from '../engine/document.ts';
import { compileProjection } from '../engine/project.ts';
import { findRecords } from '../engine/query.ts';
import { CommandError } from '../errors.ts';
import { applyUpdate } from './apply-update.ts';
import { docOf, docsOf, namespaceOf } from './arguments.ts';

export const findAndModify: Command = (command, context) => {
  const project = compileProjection(docOf(command, 'fields'));
  const { value, ...lastErrorObject } = command['remove']
    ? removeFound(command, context)
    : updateFound(command, context);
  return { lastErrorObject, value: value ? project(value) : null, ok: 1 };
};

interface Modified {
  n: number;
  updatedExisting?: boolean;
  upserted?: unknown;
  value: Doc | undefined;
}

function removeFound(command: Doc, { databases }: Context): Modified {
  if (command['update'] !== undefined || command['new'] === true) {
    throw new CommandError('FailedToParse', "Cannot specify both 'remove' and 'update' or 'new'");
  }
  const collection = databases.find(namespaceOf(command));
  const query = { filter: docOf(command, 'query'), sort: docOf(command, 'sort'), limit: 1 };
  const [record] = findRecords(collection, query);
  if (record) collection?.remove(record);
  return { n: record ? 1 : 0, value: record?.doc };
}

function updateFound(command: Doc, context: Context): Modified {
  const outcome = applyUpdate(
    {
      namespace: namespaceOf(command),
      filter: docOf(command, 'query'),
      update: command['update'],
      arrayFilters: docsOf(command, 'arrayFilters'),
      sort: docOf(command, 'sort'),
      upsert: command['upsert'] === true,
      multi: false,
    },
    context,
  );
  const { inserted, matched, before, after } = outcome;
  return {
    n: inserted ? 1 : matched,
    updatedExisting: matched > 0,
    ...(inserted && { upserted: after?.['_id'] }),
    value: command['new'] === true ? after : before,
  };
}
