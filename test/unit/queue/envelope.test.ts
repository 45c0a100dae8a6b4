import { describe, expect, it } from '@jest/globals';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { openMessage, toMessage } from '../../../src/queue/envelope.ts';
import { buildChange } from '../../support/build-change.ts';

const now = Date.parse('2026-11-29T10:00:00.000Z');
const set = { tenantId: 't', changes: [buildChange('a', { attempt: 3 })] };
const received = (body: unknown, applicationProperties = {}) =>
  ({ body, applicationProperties }) as ServiceBusReceivedMessage;

describe('the envelope', () => {
  it('gives back what was put into it', () => {
    const sent = toMessage({ ...set, traceparent: '00-1', parks: 2 }, now);
    const body: unknown = JSON.parse(String(sent.body));
    const opened = openMessage(received(body, sent.applicationProperties));
    expect(opened).toEqual({
      kind: 'set',
      set: { version: 1, ...set, traceparent: '00-1' },
      parks: 2,
    });
  });

  it('has a random id, so that two real changes that look the same both count', () => {
    expect(toMessage(set, now).messageId).not.toBe(toMessage(set, now).messageId);
  });

  it('is scheduled only where it is delayed', () => {
    expect(toMessage(set, now)).not.toHaveProperty('scheduledEnqueueTimeUtc');
    expect(toMessage({ ...set, delayMs: 5_000 }, now).scheduledEnqueueTimeUtc).toEqual(
      new Date('2026-11-29T10:00:05.000Z'),
    );
  });

  it('consistency 5.5: of a newer version is not malformed, whatever is in it', () => {
    expect(openMessage(received({ version: 2, novel: [] }))).toEqual({
      kind: 'newer',
      version: 2,
      parks: 0,
    });
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['nothing', null],
    ['a version that never was', { version: 0, ...set }],
    ['no tenant', { version: 1, changes: set.changes }],
    ['no changes', { version: 1, ...set, changes: [] }],
    ['a change without an id', { version: 1, ...set, changes: [{ ...set.changes[0], id: '' }] }],
  ])('is malformed with %s', (_, body) => {
    expect(openMessage(received(body))).toMatchObject({ kind: 'malformed' });
  });
});
