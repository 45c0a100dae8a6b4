import { MAX_DOCUMENT_BYTES, sizeOf, type Doc } from '../engine/document.ts';
import { CommandError } from '../errors.ts';

/** Refuses a document over 16 MB with the code that MongoDB has for each way to write one. */
export function assertFits(doc: Doc, by: 'insert' | 'update' | 'upsert'): void {
  const bytes = sizeOf(doc);
  if (bytes <= MAX_DOCUMENT_BYTES) return;
  const { code, what } = refusals[by];
  throw new CommandError(code, `${what} ${MAX_DOCUMENT_BYTES} (it has ${bytes} bytes)`);
}

const refusals = {
  insert: { code: 'BSONObjectTooLarge', what: 'Document to insert is larger than' },
  update: { code: 17_419, what: 'Resulting document after update is larger than' },
  upsert: { code: 17_420, what: 'Document to upsert is larger than' },
} as const;
