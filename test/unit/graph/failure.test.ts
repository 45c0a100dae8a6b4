import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../../../src/graph/answer.ts';
import type { GraphClient } from '../../../src/graph/client.ts';
import { errorOf, malformed } from '../../../src/graph/errors.ts';
import { failureOf } from '../../../src/graph/failure.ts';

const client = { errorOf: (answer: Answer) => errorOf(answer, 0) } as GraphClient;
const answer = (status: number): Answer => ({
  status,
  body: undefined,
  header: () => undefined,
});

describe('what failed in a $batch', () => {
  it('is an outage where there was no answer to any of it', () => {
    const failure = failureOf(client, new Error('Graph cannot be reached: ECONNREFUSED'));
    expect(failure).toMatchObject({ kind: 'failed', away: true });
  });

  it.each([
    ['a part of its own', answer(500)],
    ['an answer that cannot be read', malformed('a $batch')],
    ['a batch that Graph refuses as a whole', errorOf(answer(400), 0)],
  ])('may be the fault of an object: %s', (_what, failed) => {
    const failure = failureOf(client, failed);
    expect(failure).toMatchObject({ kind: 'failed' });
    expect(failure).not.toHaveProperty('away');
  });
});
