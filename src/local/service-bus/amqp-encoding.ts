/** Section codes of an AMQP 1.0 message (part 3, section 3.2). */
export const sectionCode = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
} as const;

/** One encoded section: `bytes` is all of it, `value` what follows its descriptor. */
export interface Section {
  code: number;
  bytes: Buffer;
  value: Buffer;
}

/** Cuts an encoded message into its sections without decoding them; throws where it is no AMQP message. */
export function splitSections(message: Buffer): Section[] {
  const sections: Section[] = [];
  for (let start = 0; start < message.length;) {
    // Every section is 0x00, its descriptor as a small ulong, and one value.
    if (message[start] !== 0x00 || message[start + 1] !== 0x53)
      throw new RangeError('not an AMQP message: a section must begin with its descriptor');
    const end = endOfValue(message, start + 3);
    sections.push({
      code: message.readUInt8(start + 2),
      bytes: message.subarray(start, end),
      value: message.subarray(start + 3, end),
    });
    start = end;
  }
  return sections;
}

/** The encoded items of a list, or the encoded keys and values of a map in turn. */
export function itemsOf(compound: Buffer): Buffer[] {
  const { count, start } = compoundHead(compound);
  const items: Buffer[] = [];
  let at = start;
  while (items.length < count) {
    const end = endOfValue(compound, at);
    items.push(compound.subarray(at, end));
    at = end;
  }
  return items;
}

/** The bytes of a binary, string or symbol. */
export function contentOf(value: Buffer): Buffer {
  return value.subarray(value.readUInt8(0) >> 4 === 0xa ? 2 : 5);
}

export function encodeSection(code: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x00, 0x53, code), value]);
}

export function encodeList(items: readonly Buffer[]): Buffer {
  return encodeCompound(0xd0, items);
}

export function encodeMap(keysAndValues: readonly Buffer[]): Buffer {
  return encodeCompound(0xd1, keysAndValues);
}

export function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(bytes.length < 256 ? 2 : 5);
  head[0] = bytes.length < 256 ? 0xa1 : 0xb1;
  head.writeUIntBE(bytes.length, 1, head.length - 1);
  return Buffer.concat([head, bytes]);
}

export const nullValue = Buffer.of(0x40);

function encodeCompound(typeCode: number, items: readonly Buffer[]): Buffer {
  const content = Buffer.concat(items);
  const head = Buffer.alloc(9);
  head[0] = typeCode;
  head.writeUInt32BE(content.length + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, content]);
}

function compoundHead(compound: Buffer): { count: number; start: number } {
  const kind = compound.readUInt8(0) >> 4;
  if (kind === 0x4) return { count: 0, start: 1 };
  return kind === 0xc
    ? { count: compound.readUInt8(2), start: 3 }
    : { count: compound.readUInt32BE(5), start: 9 };
}

// The upper half of a type code says how long the value is (part 1, section 1.2).
const fixedWidths: Record<number, number> = { 0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16 };

function endOfValue(buffer: Buffer, at: number): number {
  const typeCode = buffer.readUInt8(at);
  if (typeCode === 0x00) return endOfValue(buffer, endOfValue(buffer, at + 1));
  const kind = typeCode >> 4;
  const width = fixedWidths[kind];
  const end = at + 1 + (width ?? lengthOfVariable(buffer, at + 1, kind));
  if (end > buffer.length) throw new RangeError('not an AMQP message: a value is cut off');
  return end;
}

function lengthOfVariable(buffer: Buffer, at: number, kind: number): number {
  return kind % 2 === 0 ? 1 + buffer.readUInt8(at) : 4 + buffer.readUInt32BE(at);
}
