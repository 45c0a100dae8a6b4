import { MongoBulkWriteError, MongoInvalidArgumentError } from 'mongodb';

const codes: ReadonlySet<unknown> = new Set([
  // MongoDB's, for a document over 16 MB that is inserted, grown or upserted.
  ...[10_334, 17_419, 17_420],
  // The driver has run over the end of its buffer, which is little larger.
  'ERR_OUT_OF_RANGE',
]);

/** At least one document of those to be written would be larger than MongoDB takes. */
export function isTooLarge(error: unknown): boolean {
  if (error instanceof MongoInvalidArgumentError) return error.message.includes('maximum size');
  if (error instanceof MongoBulkWriteError && [error.writeErrors].flat().some(hasCode)) return true;
  return hasCode(error);
}

function hasCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.has(error.code);
}
