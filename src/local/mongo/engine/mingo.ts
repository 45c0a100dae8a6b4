import { Aggregator, find, Query, updateOne } from 'mingo';
import { ProcessingMode } from 'mingo/core';
import { CommandError } from '../errors.ts';
import { copyDoc, type Doc } from './document.ts';

/** What the operators written here do not know goes to mingo; its errors become MongoDB's. */
export function mingoPredicate(filter: Doc): (doc: Doc) => boolean {
  const query = translated('BadValue', () => new Query(filter, { scriptEnabled: false }));
  return (doc) => translated('BadValue', () => query.test(doc));
}

export function mingoProjection(projection: Doc): (doc: Doc) => Doc {
  return (doc) => translated('BadValue', () => find<Doc>([doc], {}, projection).all()[0] ?? {});
}

/** `othersOf` gives the documents of another collection (`$lookup`). The given documents stay as they are. */
export function mingoPipeline(
  docs: readonly Doc[],
  pipeline: readonly Doc[],
  othersOf: (collection: string) => Doc[],
): Doc[] {
  const options = {
    scriptEnabled: false,
    processingMode: ProcessingMode.CLONE_INPUT,
    collectionResolver: othersOf,
  };
  return translated('FailedToParse', () =>
    new Aggregator([...pipeline], options).run<Doc>([...docs]),
  );
}

export function mingoUpdate(doc: Doc, filter: Doc, update: Doc, arrayFilters: readonly Doc[]): Doc {
  const docs = [copyDoc(doc)];
  return translated('BadValue', () => {
    updateOne(docs, filter, update, { arrayFilters: [...arrayFilters] }, { scriptEnabled: false });
    return docs[0] ?? doc;
  });
}

function translated<T>(code: 'BadValue' | 'FailedToParse', run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(code, error instanceof Error ? error.message : String(error));
  }
}
