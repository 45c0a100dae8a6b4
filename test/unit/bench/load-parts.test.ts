import { describe, expect, it } from '@jest/globals';
import { wholeAnswer } from '../../../bench/support/http-load.ts';
import { disturb, newIds, postOf } from '../../../bench/support/notifications.ts';
import { readItem } from '../../../src/receive/notification.ts';

describe('the load on a receiver', () => {
  it('waits for headers and body of an answer', () => {
    const head = 'HTTP/1.1 202 Accepted\r\nContent-Length: 8\r\n\r\n';
    expect(wholeAnswer(head.slice(0, -1))).toBeUndefined();
    expect(wholeAnswer(`${head}Accept`)).toBeUndefined();
    expect(wholeAnswer(`${head}Accepted`)).toBe('202');
    expect(wholeAnswer('HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n')).toBe(
      '503',
    );
  });

  it('sends what the receiver reads as notifications about people', () => {
    const addressee = { subscriptionId: 's', tenantId: 't', clientState: 'c' };
    const { value } = JSON.parse(postOf(addressee, newIds(3))) as { value: unknown[] };
    const items = value.map((item) => readItem(item, '2026-11-29T10:00:00.000Z'));
    expect(items.map((item) => item?.change.type)).toEqual(['user', 'user', 'user']);
  });

  it('doubles a tenth of a storm and loses nothing when it changes the order', () => {
    const calm = Array.from({ length: 1_000 }, (_, index) => index);
    const storm = disturb(calm);
    expect(storm).toHaveLength(1_100);
    expect(new Set(storm).size).toBe(1_000);
    expect(
      storm.filter((one, index) => index > 0 && one < (storm[index - 1] ?? 0)).length,
    ).toBeGreaterThan(100);
  });
});
