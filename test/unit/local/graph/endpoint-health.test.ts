import { describe, expect, it } from '@jest/globals';
import { EndpointHealth } from '../../../../src/local/graph/notify/endpoint-health.ts';
import { handClock } from './hand-clock.ts';

describe('an endpoint', () => {
  it.each([
    ['that answers in time is treated normally', Array<number>(20).fill(100), 'normal'],
    [
      'with one slow answer in ten is treated normally',
      [...Array<number>(9).fill(1), 3_500],
      'normal',
    ],
    ['with more slow ones is slow', [...Array<number>(9).fill(1), 3_500, 3_500], 'slow'],
    [
      'that often takes over 10 s is cut off',
      [...Array<number>(8).fill(1), 10_000, 10_000],
      'dropping',
    ],
    ['with few answers is not judged', [10_000, 10_000], 'normal'],
  ])('%s', (_, durations, treatment) => {
    const health = new EndpointHealth(handClock());
    for (const duration of durations) health.record(duration);
    expect(health.treatment).toBe(treatment);
  });

  it('is trusted again after ten minutes in which it was better', () => {
    const clock = handClock();
    const health = new EndpointHealth(clock);
    for (let answer = 0; answer < 10; answer += 1) health.record(12_000);
    clock.move(600_000);
    expect(health.treatment).toBe('dropping');
    clock.move(600_000);
    expect(health.treatment).toBe('normal');
  });
});
