import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../../../src/graph/answer.ts';
import { estimateUnits, observe } from '../../../src/graph/cost.ts';

describe('resource units of a request', () => {
  it.each([
    ['/users/1', 1],
    ['/users/1?$select=id', 1],
    ['/users/1?$select=id&$expand=manager($select=id)', 1],
    ['/users/1?$expand=manager', 2],
    ['/users', 2],
    ['/users?$select=id&$top=999', 1],
    ['/users?$select=id&$expand=manager($select=id)&$top=999', 2],
    ['/users?$top=5', 1],
    ['/groups?$select=id', 1],
    ['/groups/1/members?$top=999', 3],
    ['/groups/1/members?$select=id&$top=999', 2],
    ['/groups/1/owners?$select=id', 1],
    ['/users/1/memberOf?$select=id', 1],
    ['/users/delta?$deltatoken=x', 1],
    ['/directory/deletedItems/1', 1],
  ])('%s costs %d', (path, units) => {
    expect(estimateUnits(path)).toBe(units);
  });
});

function answer(status: number, headers: Record<string, string>, body?: unknown): Answer {
  return { status, body, header: (name) => headers[name] };
}

describe('what an answer teaches', () => {
  it('is its units, its share of the limit and its wait', () => {
    const headers = { 'x-ms-resource-unit': '3', 'x-ms-throttle-limit-percentage': '0.9' };
    expect(observe(answer(200, headers), 0)).toEqual({ units: 3, limitShare: 0.9, throttled: 0 });
    expect(observe(answer(429, { 'retry-after': '4' }), 0)).toEqual({
      throttled: 1,
      retryAfterMs: 4_000,
    });
  });

  it('is the sum over the parts of a batch', () => {
    const body: unknown = JSON.parse(
      readFileSync('test/fixtures/graph/batch-response.json', 'utf8'),
    );
    expect(observe(answer(200, {}, body), 0)).toMatchObject({ units: 4, throttled: 0 });
  });

  it('is the longest wait of the parts, and how many were throttled', () => {
    const part = (id: string, status: number, headers: Record<string, string>) => ({
      ...{ id, status, headers },
    });
    const responses = [
      part('2', 429, { 'Retry-After': '2' }),
      part('1', 200, { 'x-ms-resource-unit': '1' }),
      part('3', 429, { 'retry-AFTER': '9' }),
      part('4', 429, {}),
    ];
    expect(observe(answer(200, {}, { responses }), 0)).toEqual({
      units: 1,
      throttled: 3,
      retryAfterMs: 9_000,
    });
  });

  it.each([['many'], ['-1'], ['']])('is nothing where the units are %j', (units) => {
    expect(observe(answer(200, { 'x-ms-resource-unit': units }), 0)).toEqual({ throttled: 0 });
  });
});
