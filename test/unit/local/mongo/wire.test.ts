import { describe, expect, it } from '@jest/globals';
import { serialize } from 'bson';
import { decodeRequest, encodeReply, Frames } from '../../../../src/local/mongo/wire.ts';

const int32 = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeInt32LE(value, 4 * at));
  return bytes;
};

function message(operation: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(16 + body.length, 7, 0, operation), body]);
}

const ping = message(2013, int32(0), Buffer.from([0]), serialize({ ping: 1, $db: 'admin' }));

describe('the frames of a stream', () => {
  it('are found however the bytes are cut', () => {
    const frames = new Frames();
    const stream = Buffer.concat([ping, ping]);
    const found = [...stream].flatMap((byte) => frames.push(Buffer.from([byte])));
    expect(found).toEqual([ping, ping]);
    expect(new Frames().push(Buffer.concat([ping, ping, ping.subarray(0, 9)]))).toEqual([
      ping,
      ping,
    ]);
  });

  it('end where a length cannot be right', () => {
    expect(() => new Frames().push(int32(5))).toThrow('not allowed');
    expect(() => new Frames().push(int32(100_000_000))).toThrow('not allowed');
  });
});

describe('a message', () => {
  it('joins its lists of documents to the command, and may want no answer', () => {
    const name = Buffer.from('documents\0');
    const docs = [serialize({ _id: 1 }), serialize({ _id: 2 })];
    const size = 4 + name.length + docs.reduce((sum, { length }) => sum + length, 0);
    const request = decodeRequest(
      message(
        2013,
        int32(2),
        Buffer.from([0]),
        serialize({ insert: 'c', $db: 'd' }),
        Buffer.from([1]),
        int32(size),
        name,
        ...docs,
      ),
    );
    expect(request).toMatchObject({ requestId: 7, silent: true, exhaustAllowed: false });
    expect(request.command).toEqual({ insert: 'c', $db: 'd', documents: [{ _id: 1 }, { _id: 2 }] });
    expect(Object.keys(request.command)[0]).toBe('insert');
  });

  it('of the old kind is answered in the old kind', () => {
    const query = message(
      2004,
      int32(0),
      Buffer.from('admin.$cmd\0'),
      int32(0, -1),
      serialize({ ismaster: 1 }),
    );
    const request = decodeRequest(query);
    expect(request.command).toEqual({ ismaster: 1, $db: 'admin' });
    const { bytes } = encodeReply(request, { ok: 1 });
    expect([bytes.readInt32LE(0), bytes.readInt32LE(8), bytes.readInt32LE(12)]).toEqual([
      bytes.length,
      7,
      1,
    ]);
  });

  it('of an unknown kind is refused', () => {
    expect(() => decodeRequest(message(2012))).toThrow('2012');
  });
});
