import { describe, expect, it } from '@jest/globals';
import rhea from 'rhea';
import { splitSections } from '../../../../src/local/service-bus/amqp-encoding.ts';
import { parseMessage, parseTransfer } from '../../../../src/local/service-bus/incoming-message.ts';
import { tagOf, tokenOfTag, tokenOfUuid } from '../../../../src/local/service-bus/lock-token.ts';
import { withApplicationProperties } from '../../../../src/local/service-bus/message-properties.ts';
import type { StoredMessage } from '../../../../src/local/service-bus/message.ts';
import { encodeDelivery } from '../../../../src/local/service-bus/outgoing-message.ts';

const { message: amqp, types } = rhea;
const dataOf = (text: string) => amqp.data_section(Buffer.from(text)) as unknown;
const at = 1_700_000_000_000;

function stored(encoded: Buffer): StoredMessage {
  return {
    ...parseMessage(encoded),
    timeToLiveMs: 1_000,
    sequenceNumber: 70_000,
    enqueuedSequenceNumber: 3,
    enqueuedAt: at,
    expiresAt: at + 1_000,
    deliveryCount: 2,
  };
}

describe('an incoming message', () => {
  it('keeps its bytes from the properties on', () => {
    const encoded = amqp.encode({
      message_id: 'm1',
      subject: 'test',
      application_properties: { big: types.wrap_long(7), text: 'x'.repeat(300) },
      body: dataOf('payload'),
    });
    const { bare } = parseMessage(encoded);
    expect(bare.length).toBeGreaterThan(300);
    expect(encoded.subarray(-bare.length).equals(bare)).toBe(true);
  });

  it('tells its time to live and its schedule', () => {
    const annotations = {
      'x-opt-scheduled-enqueue-time': new Date(at),
      'x-opt-partition-key': 'p',
    };
    for (const ttl of [0, 200, 60_000])
      expect(
        parseMessage(amqp.encode({ ttl, message_annotations: annotations, body: dataOf('') })),
      ).toMatchObject({
        timeToLiveMs: ttl,
        scheduledFor: at,
      });
    expect(parseMessage(amqp.encode({ body: dataOf('') }))).not.toHaveProperty('timeToLiveMs');
  });

  it('gets an id where the sender gave none and keeps its other properties', () => {
    const { bare } = parseMessage(amqp.encode({ subject: 'test', body: dataOf('a') }));
    const decoded = amqp.decode(bare);
    expect(decoded['message_id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(decoded['subject']).toBe('test');
  });

  it('comes apart where it is a batch', () => {
    const encoded = ['a', 'b'].map((id) =>
      amqp.encode({ message_id: id, body: dataOf(id.repeat(400)) }),
    );
    const batch = amqp.encode({
      message_id: 'envelope',
      body: amqp.data_sections(encoded) as unknown,
    });
    const ids = parseTransfer(batch, 0x80013700).map(
      ({ bare }) => amqp.decode(bare)['message_id'] as string,
    );
    expect(ids).toEqual(['a', 'b']);
  });

  it.each([
    ['bytes that are no section', Buffer.from('hello')],
    ['a value that is cut off', amqp.encode({ body: dataOf('payload') }).subarray(0, -3)],
    ['a section without a value', Buffer.of(0x00, 0x53)],
  ])('is refused when it is %s', (_, bytes) => {
    expect(() => parseTransfer(bytes, 0)).toThrow(/not an AMQP message|out of range/);
  });
});

describe('a delivery', () => {
  it('carries what the broker knows and what the sender wrote', () => {
    const encoded = amqp.encode({
      message_id: 'm1',
      ttl: 1_000,
      message_annotations: { 'x-opt-partition-key': 'p' },
      body: dataOf('payload'),
    });
    const decoded = amqp.decode(encodeDelivery(stored(encoded), { lockedUntil: at + 500 }));
    expect(decoded).toMatchObject({
      message_id: 'm1',
      ttl: 1_000,
      delivery_count: 2,
      message_annotations: {
        'x-opt-sequence-number': 70_000,
        'x-opt-enqueue-sequence-number': 3,
        'x-opt-enqueued-time': new Date(at),
        'x-opt-locked-until': new Date(at + 500),
        'x-opt-message-state': 0,
        'x-opt-partition-key': 'p',
      },
    });
  });
});

describe('application properties', () => {
  it('are set and replaced while the other ones keep their bytes', () => {
    const long = types.wrap_long(7);
    const bare = parseMessage(
      amqp.encode({
        message_id: 'm',
        application_properties: { kept: long, old: 1 },
        body: dataOf('payload'),
      }),
    ).bare;
    const changed = withApplicationProperties(bare, { old: 'new', added: true, absent: undefined });
    expect(amqp.decode(changed)['application_properties']).toEqual({
      kept: 7,
      old: 'new',
      added: true,
    });
    const [before, after] = [bare, changed].map((bytes) => splitSections(bytes).at(-1)?.bytes);
    expect(after).toEqual(before);
    expect(changed.includes(Buffer.concat([Buffer.from('kept'), Buffer.of(0x55, 7)]))).toBe(true);
  });

  it('are added where there were none', () => {
    const { bare } = parseMessage(amqp.encode({ message_id: 'm', body: dataOf('payload') }));
    const decoded = amqp.decode(withApplicationProperties(bare, { DeadLetterReason: 'why' }));
    expect(decoded['application_properties']).toEqual({ DeadLetterReason: 'why' });
  });
});

describe('a lock token', () => {
  it('is a delivery tag in the byte order of .NET', () => {
    const token = '00112233-4455-6677-8899-aabbccddeeff';
    expect(tagOf(token).toString('hex')).toBe('33221100554477668899aabbccddeeff');
    expect(tokenOfTag(tagOf(token))).toBe(token);
    expect(tokenOfUuid(Buffer.from(token.replaceAll('-', ''), 'hex'))).toBe(token);
  });
});
