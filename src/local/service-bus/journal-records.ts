import { crc32 } from 'node:zlib';
import type { QueueChange } from './journal.ts';
import type { StoredMessage } from './message.ts';

interface JournalRecord {
  queue: string;
  change: QueueChange;
}

const headBytes = 12;

/**
 * A record on disk: length of the rest, CRC-32 of what follows it and length of the facts (big-endian,
 * 4 bytes each), the facts as JSON, then a message's annotations and its bare bytes as they are. In
 * parts, so that a message's bytes need not be copied.
 */
export function encodeRecord(queue: string, change: QueueChange): Buffer[] {
  const facts = Buffer.from(JSON.stringify({ queue, ...factsOf(change) }));
  const bytes = change.kind === 'put' ? [change.message.annotations, change.message.bare] : [];
  const head = Buffer.alloc(headBytes);
  const rest = [facts, ...bytes];
  head.writeUInt32BE(
    rest.reduce((sum, { length }) => sum + length, 0),
    0,
  );
  head.writeUInt32BE(facts.length, 8);
  const checked = [head.subarray(8), ...rest];
  head.writeUInt32BE(
    checked.reduce((sum, part) => crc32(part, sum), 0),
    4,
  );
  return [head, ...rest];
}

/** The records up to the first one that is torn or damaged. */
export function* decodeRecords(log: Buffer): Generator<JournalRecord> {
  for (let at = 0; at + headBytes <= log.length;) {
    const end = at + headBytes + log.readUInt32BE(at);
    const record = log.subarray(at, end);
    if (end > log.length || crc32(record.subarray(8)) !== record.readUInt32BE(4)) return;
    yield decodeRecord(record);
    at = end;
  }
}

/** A put without the bytes of its message, which follow the facts. */
interface PutFacts {
  kind: 'put';
  box: Extract<QueueChange, { kind: 'put' }>['box'];
  message: Omit<StoredMessage, 'annotations' | 'bare'> & {
    annotations?: undefined;
    bare?: undefined;
  };
  annotationBytes: number;
}

type Facts = PutFacts | Exclude<QueueChange, { kind: 'put' }>;

function factsOf(change: QueueChange): Facts {
  if (change.kind !== 'put') return change;
  const message = { ...change.message, annotations: undefined, bare: undefined };
  return { ...change, message, annotationBytes: change.message.annotations.length };
}

function decodeRecord(record: Buffer): JournalRecord {
  const factsEnd = headBytes + record.readUInt32BE(8);
  const text = record.toString('utf8', headBytes, factsEnd);
  const { queue, ...facts } = JSON.parse(text) as Facts & { queue: string };
  if (facts.kind !== 'put') return { queue, change: facts };
  const bareStart = factsEnd + facts.annotationBytes;
  const annotations = Buffer.from(record.subarray(factsEnd, bareStart));
  const bare = Buffer.from(record.subarray(bareStart));
  const message = { ...facts.message, annotations, bare };
  return { queue, change: { kind: 'put', box: facts.box, message } };
}
