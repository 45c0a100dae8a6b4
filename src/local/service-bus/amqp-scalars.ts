// Encodings of AMQP 1.0 part 1, section 1.6, in their full width.

/** Values above the greatest unsigned integer become that one. */
export function uint(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = 0x70;
  bytes.writeUInt32BE(Math.min(value, 0xffffffff), 1);
  return bytes;
}

export function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes[0] = 0x71;
  bytes.writeInt32BE(value, 1);
  return bytes;
}

export function long(value: number): Buffer {
  return eightBytes(0x81, value);
}

/** `at` is milliseconds since the epoch, as in AMQP. */
export function timestamp(at: number): Buffer {
  return eightBytes(0x83, at);
}

/** A symbol of up to 255 ASCII characters. */
export function symbol(text: string): Buffer {
  return Buffer.concat([Buffer.of(0xa3, text.length), Buffer.from(text, 'ascii')]);
}

function eightBytes(typeCode: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = typeCode;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}
