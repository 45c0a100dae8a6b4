import { randomUUID } from 'node:crypto';
import {
  contentOf,
  encodeList,
  encodeMap,
  encodeSection,
  encodeText,
  itemsOf,
  nullValue,
  sectionCode,
  splitSections,
  type Section,
} from './amqp-encoding.ts';
import { entriesOf } from './message-properties.ts';
import type { IncomingMessage } from './message.ts';

/** Service Bus's format of a message whose data sections are messages. */
const batchFormat = 0x80013700;

/** The messages in one transfer; throws where the bytes are no AMQP message. */
export function parseTransfer(payload: Buffer, format: number): IncomingMessage[] {
  if (format !== batchFormat) return [parseMessage(payload)];
  return splitSections(payload)
    .filter(({ code }) => code === sectionCode.data)
    .map(({ value }) => parseMessage(contentOf(value)));
}

/** Reads one encoded message. Its bytes are copied, so that they do not hold a socket's whole buffer. */
export function parseMessage(encoded: Buffer): IncomingMessage {
  const sections = splitSections(encoded);
  const heads = sections.filter(({ code }) => code < sectionCode.properties);
  const header = heads.find(({ code }) => code === sectionCode.header);
  const annotations = heads.find(({ code }) => code === sectionCode.messageAnnotations);
  const timeToLiveMs = header && readTimeToLive(header);
  return {
    ...readAnnotations(annotations),
    ...(timeToLiveMs !== undefined && { timeToLiveMs }),
    bare: withMessageId(sections.slice(heads.length)),
  };
}

const scheduledKey = 'x-opt-scheduled-enqueue-time';

function readAnnotations(
  section: Section | undefined,
): Pick<IncomingMessage, 'annotations' | 'scheduledFor'> {
  const entries = entriesOf(section?.value);
  const scheduled = entries.get(scheduledKey)?.[1];
  entries.delete(scheduledKey);
  return {
    annotations: encodeMap([...entries.values()].flat()),
    ...(scheduled?.length === 9 && { scheduledFor: Number(scheduled.readBigInt64BE(1)) }),
  };
}

function readTimeToLive(header: Section): number | undefined {
  const value = itemsOf(header.value)[2];
  if (!value || value.equals(nullValue)) return undefined;
  return value.length === 1 ? 0 : value.readUIntBE(1, value.length - 1);
}

/** The client library tells messages apart by their ids, so the broker gives one where the sender did not. */
function withMessageId(bare: readonly Section[]): Buffer {
  const properties = bare.find(({ code }) => code === sectionCode.properties);
  const [id, ...others] = properties ? itemsOf(properties.value) : [];
  if (id && !id.equals(nullValue)) return Buffer.concat(bare.map(({ bytes }) => bytes));
  const list = encodeList([encodeText(randomUUID()), ...others]);
  return Buffer.concat([
    encodeSection(sectionCode.properties, list),
    ...bare.filter((section) => section !== properties).map(({ bytes }) => bytes),
  ]);
}
