import { Long } from 'bson';
import { sizeOf, type Doc } from './engine/document.ts';
import { CommandError } from './errors.ts';

interface Cursor {
  namespace: string;
  docs: readonly Doc[];
  position: number;
  /** Makes the document that is sent of the one that was found. */
  project: (doc: Doc) => Doc;
}

const maxBatchBytes = 16_000_000;
const defaultFirstBatch = 101;
const asItIs = (doc: Doc): Doc => doc;

/** Open cursors. Stored documents never change, so that a list of them is a snapshot. */
export class Cursors {
  readonly #open = new Map<string, Cursor>();
  #lastId = 0;

  get count(): number {
    return this.#open.size;
  }

  /** The `cursor` field of a first reply. */
  start(
    namespace: string,
    docs: readonly Doc[],
    options: { batchSize?: number; single?: boolean; project?: (doc: Doc) => Doc } = {},
  ): Doc {
    const { batchSize = defaultFirstBatch, single = false, project = asItIs } = options;
    const cursor = { namespace, docs, position: 0, project };
    const firstBatch = nextBatch(cursor, batchSize);
    let id = Long.ZERO;
    if (cursor.position < docs.length && !single) {
      id = Long.fromNumber(++this.#lastId);
      this.#open.set(id.toString(), cursor);
    }
    return { firstBatch, id, ns: namespace };
  }

  next(id: string, batchSize: number): Doc {
    const cursor = this.#open.get(id);
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id} not found`);
    const batch = nextBatch(cursor, batchSize || Infinity);
    const finished = cursor.position >= cursor.docs.length;
    if (finished) this.#open.delete(id);
    return {
      nextBatch: batch,
      id: finished ? Long.ZERO : Long.fromString(id),
      ns: cursor.namespace,
    };
  }

  close(id: string): boolean {
    return this.#open.delete(id);
  }
}

function nextBatch(cursor: Cursor, count: number): Doc[] {
  const batch: Doc[] = [];
  let bytes = 0;
  while (batch.length < count) {
    const found = cursor.docs[cursor.position];
    if (!found) break;
    const doc = cursor.project(found);
    bytes += sizeOf(doc);
    if (bytes > maxBatchBytes && batch.length > 0) break;
    batch.push(doc);
    cursor.position++;
  }
  return batch;
}
