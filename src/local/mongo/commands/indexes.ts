import type { Command } from '../context.ts';
import type { Collection } from '../engine/collection.ts';
import type { CollectionIndex } from '../engine/collection-index.ts';
import { isDoc, type Doc } from '../engine/document.ts';
import { sameValue } from '../engine/key.ts';
import { CommandError } from '../errors.ts';
import { docsOf, namespaceOf, numberOf, refuseCollation } from './arguments.ts';

export const createIndexes: Command = (command, { databases }) => {
  const namespace = namespaceOf(command);
  const specs = docsOf(command, 'indexes').map(checkedSpec);
  const createdCollectionAutomatically = databases.find(namespace) === undefined;
  const collection = databases.open(namespace);
  const numIndexesBefore = collection.indexes.length;
  let created = 0;
  for (const spec of specs) if (!isIdIndex(spec) && collection.createIndex(spec)) created++;
  return {
    numIndexesBefore,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically,
    ...(created === 0 && { note: 'all indexes already exist' }),
    ok: 1,
  };
};

export const listIndexes: Command = (command, { databases, cursors }) => {
  const namespace = namespaceOf(command);
  const specs = existing(databases.find(namespace), namespace).indexes.map(({ spec }) => spec);
  return { cursor: cursors.start(namespace, specs, { batchSize: 1_000 }), ok: 1 };
};

export const dropIndexes: Command = (command, { databases }) => {
  const namespace = namespaceOf(command);
  const collection = existing(databases.find(namespace), namespace);
  const nIndexesWas = collection.indexes.length;
  const wanted: unknown[] = [command['index']].flat();
  const dropped = wanted.flatMap((which) => selected(collection, which));
  collection.dropIndexes((index) => dropped.includes(index));
  return { nIndexesWas, ok: 1 };
};

/** Options that change nothing here may come; unknown ones are refused rather than ignored. */
const indexOptions = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'hidden',
  'collation',
]);

function checkedSpec(spec: Doc): Doc {
  refuseCollation(spec);
  const unknown = Object.keys(spec).find((name) => !indexOptions.has(name));
  if (unknown) {
    const message = `The field '${unknown}' is not valid for an index specification`;
    throw new CommandError('InvalidIndexSpecificationOption', message);
  }
  if (typeof spec['name'] !== 'string' || !isDoc(spec['key'])) {
    const message = "An index specification needs the fields 'key' and 'name'";
    throw new CommandError('FailedToParse', message);
  }
  if (spec['expireAfterSeconds'] !== undefined) numberOf(spec, 'expireAfterSeconds');
  return { v: 2, ...spec };
}

const isIdIndex = (spec: Doc): boolean => sameValue(spec['key'], { _id: 1 });

function existing(collection: Collection | undefined, namespace: string): Collection {
  if (collection) return collection;
  throw new CommandError('NamespaceNotFound', `ns does not exist: ${namespace}`);
}

function selected({ indexes }: Collection, which: unknown): CollectionIndex[] {
  if (which === '*') return indexes.slice(1);
  const found = indexes.find(({ name, spec }) =>
    isDoc(which) ? sameValue(spec['key'], which) : name === which,
  );
  if (!found) {
    const message = `index not found with name [${JSON.stringify(which)}]`;
    throw new CommandError('IndexNotFound', message);
  }
  if (found.name === '_id_') throw new CommandError('InvalidOptions', 'cannot drop _id index');
  return [found];
}
