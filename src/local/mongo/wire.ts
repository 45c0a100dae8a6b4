import { fromBytes, toBytes, type Doc } from './engine/document.ts';

/** One command as it came over a connection. */
export interface Request {
  requestId: number;
  command: Doc;
  /** Came as OP_QUERY, the first message of a connection, and is answered by OP_REPLY. */
  legacy: boolean;
  /** The client wants no answer (write concern 0). */
  silent: boolean;
  /** The client takes several replies to this one (streaming hello). */
  exhaustAllowed: boolean;
}

const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;
const flag = { checksumPresent: 1, moreToCome: 2, exhaustAllowed: 1 << 16 };
const headerBytes = 16;
const maxMessageBytes = 48_000_000 + 16_384;

/** Cuts a stream of bytes into messages; what is not complete stays for the next piece. */
export class Frames {
  #pieces: Buffer[] = [];
  #length = 0;

  /** Throws where the stream is not MongoDB's protocol. */
  push(piece: Buffer): Buffer[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Buffer[] = [];
    for (;;) {
      const size = this.#nextSize();
      if (size === undefined || this.#length < size) return frames;
      const all = this.#joined();
      frames.push(all.subarray(0, size));
      this.#pieces = [all.subarray(size)];
      this.#length -= size;
    }
  }

  #nextSize(): number | undefined {
    if (this.#length < 4) return undefined;
    const first = this.#pieces[0];
    const size = (first && first.length >= 4 ? first : this.#joined()).readInt32LE(0);
    if (size < headerBytes || size > maxMessageBytes) {
      throw new RangeError(`a message of ${size} bytes is not allowed`);
    }
    return size;
  }

  #joined(): Buffer {
    const all = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const joined = all ?? Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}

export function decodeRequest(frame: Buffer): Request {
  const requestId = frame.readInt32LE(4);
  const operation = frame.readInt32LE(12);
  if (operation === opMsg) return decodeMessage(frame, requestId);
  if (operation === opQuery) return decodeQuery(frame, requestId);
  throw new RangeError(`operation ${operation} of the wire protocol is not served`);
}

let lastRequestId = 0;

/** A reply and its own request id, to which the next one of a stream refers. */
export function encodeReply(
  request: Request,
  reply: Doc,
  { responseTo = request.requestId, moreToCome = false } = {},
): { bytes: Buffer; requestId: number } {
  const body = toBytes(reply);
  const requestId = ++lastRequestId & 0x7fffffff;
  const prefix = request.legacy ? legacyPrefix() : messagePrefix(moreToCome);
  const header = Buffer.alloc(headerBytes);
  header.writeInt32LE(headerBytes + prefix.length + body.length, 0);
  header.writeInt32LE(requestId, 4);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(request.legacy ? opReply : opMsg, 12);
  return { bytes: Buffer.concat([header, prefix, body]), requestId };
}

/** Sections: kind 0 is the command itself, kind 1 a list of documents that becomes one of its fields. */
function decodeMessage(frame: Buffer, requestId: number): Request {
  const flags = frame.readUInt32LE(headerBytes);
  const end = frame.length - (flags & flag.checksumPresent ? 4 : 0);
  let command: Doc = {};
  const lists: Doc = {};
  let at = headerBytes + 4;
  while (at < end) {
    const kind = frame.readUInt8(at++);
    const size = frame.readInt32LE(at);
    if (kind === 0) {
      command = fromBytes(frame.subarray(at, at + size));
    } else {
      const nameEnd = frame.indexOf(0, at + 4);
      lists[frame.toString('utf8', at + 4, nameEnd)] = decodeList(frame, nameEnd + 1, at + size);
    }
    at += size;
  }
  return {
    requestId,
    command: { ...command, ...lists },
    legacy: false,
    silent: (flags & flag.moreToCome) !== 0,
    exhaustAllowed: (flags & flag.exhaustAllowed) !== 0,
  };
}

function decodeList(frame: Buffer, start: number, end: number): Doc[] {
  const docs: Doc[] = [];
  for (let at = start; at < end; at += frame.readInt32LE(at)) {
    docs.push(fromBytes(frame.subarray(at, at + frame.readInt32LE(at))));
  }
  return docs;
}

/** flags, name of the collection, numbers to skip and to return, then the query. */
function decodeQuery(frame: Buffer, requestId: number): Request {
  const nameEnd = frame.indexOf(0, headerBytes + 4);
  const namespace = frame.toString('utf8', headerBytes + 4, nameEnd);
  const query = fromBytes(frame.subarray(nameEnd + 9));
  return {
    requestId,
    command: { ...query, $db: namespace.split('.')[0] },
    legacy: true,
    silent: false,
    exhaustAllowed: false,
  };
}

function messagePrefix(moreToCome: boolean): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32LE(moreToCome ? flag.moreToCome : 0, 0);
  return prefix;
}

/** flags, cursor id, position, number of documents. */
function legacyPrefix(): Buffer {
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(8, 0);
  prefix.writeInt32LE(1, 16);
  return prefix;
}
