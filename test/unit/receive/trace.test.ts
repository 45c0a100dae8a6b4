import { describe, expect, it } from '@jest/globals';
import { newTraceparent, traceparentOf } from '../../../src/receive/trace.ts';

const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('the trace of a POST', () => {
  it('is its own where it is valid', () => {
    expect(traceparentOf(valid)).toBe(valid);
  });

  it.each([
    ['missing', undefined],
    ['garbage', 'hello'],
    ['of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['given twice', [valid, valid]],
  ])('is not taken where it is %s', (_, header) => {
    expect(traceparentOf(header)).toBeUndefined();
  });

  it('is made anew each time where there is none', () => {
    const made = newTraceparent();
    expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(newTraceparent()).not.toBe(made);
  });
});
