import { crc32 } from 'node:zlib';
import type { JournalEntry } from './journal.ts';
import type { StoredMessage } from './message.ts';

const headBytes = 12;

/**
 * A record on disk: length of the rest, its CRC-32 and the length of the facts (big-endian, 4 bytes each),
 * the facts as JSON, then a message's annotations and its bare bytes as they are.
 */
export function encodeRecord(entry: JournalEntry): Buffer {
  const message = entry.kind === 'put' ? entry.message : undefined;
  const facts = Buffer.from(JSON.stringify(factsOf(entry)));
  const record = Buffer.concat([
    Buffer.alloc(headBytes),
    facts,
    message?.annotations ?? empty,
    message?.bare ?? empty,
  ]);
  record.writeUInt32BE(record.length - headBytes, 0);
  record.writeUInt32BE(facts.length, 8);
  record.writeUInt32BE(crc32(record.subarray(8)), 4);
  return record;
}

/** The entries up to the first record that is torn or damaged. */
export function* decodeRecords(log: Buffer): Generator<JournalEntry> {
  for (let at = 0; at + headBytes <= log.length;) {
    const end = at + headBytes + log.readUInt32BE(at);
    const record = log.subarray(at, end);
    if (end > log.length || crc32(record.subarray(8)) !== record.readUInt32BE(4)) return;
    yield decodeRecord(record);
    at = end;
  }
}

const empty = Buffer.alloc(0);

type StoredFacts = Omit<StoredMessage, 'annotations' | 'bare'> & {
  annotations?: undefined;
  bare?: undefined;
};
type PutFacts = Omit<Extract<JournalEntry, { kind: 'put' }>, 'message'> & {
  message: StoredFacts;
  annotationBytes: number;
};
type Facts = PutFacts | Exclude<JournalEntry, { kind: 'put' }>;

function factsOf(entry: JournalEntry): Facts {
  if (entry.kind !== 'put') return entry;
  const message = { ...entry.message, annotations: undefined, bare: undefined };
  return { ...entry, message, annotationBytes: entry.message.annotations.length };
}

function decodeRecord(record: Buffer): JournalEntry {
  const factsEnd = headBytes + record.readUInt32BE(8);
  const facts = JSON.parse(record.toString('utf8', headBytes, factsEnd)) as Facts;
  if (facts.kind !== 'put') return facts;
  const { annotationBytes, ...entry } = facts;
  const bareStart = factsEnd + annotationBytes;
  const annotations = Buffer.from(record.subarray(factsEnd, bareStart));
  const bare = Buffer.from(record.subarray(bareStart));
  return { ...entry, message: { ...facts.message, annotations, bare } };
}
