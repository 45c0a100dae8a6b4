import { describe, expect, it } from '@jest/globals';
import type { Checkpoint } from '../../../src/mirror/types.ts';
import { defaultTimings } from '../../../src/ops/timings.ts';
import { nextStep, phaseOf, type Step } from '../../../src/sync/next-step.ts';

const minute = 60_000;
const now = new Date('2026-03-01T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);
const at = { now, shape: 'S', timings: defaultTimings };
type Pass = NonNullable<Checkpoint['pass']>;

function checkpointOf(
  begunMs: number,
  pass: Partial<Pass> = {},
  rest: Partial<Checkpoint> = {},
): Checkpoint {
  const link = { link: 'L', at: ago(begunMs) };
  return {
    ...{ _id: 't/users', tenantId: 't', type: 'user', shape: 'S', links: [link] },
    pass: {
      ...{ startedAt: ago(begunMs), link, stage: 'done', token: 1, walks: 1 },
      ...{ objects: 0, edges: 0, cause: 'first', ...pass },
    },
    ...rest,
  };
}

const fresh = { sweptAt: ago(minute) };
const proven = { startedAt: ago(10 * minute), walks: 2 };

describe('the next step of a type (rule 2.2)', () => {
  it.each<[string, Step, Checkpoint | undefined]>([
    ['begins what was never loaded', 'begin', undefined],
    ['begins anew on request', 'begin', checkpointOf(minute, {}, { ...fresh, passRequested: 'x' })],
    [
      'begins anew for other properties',
      'begin',
      checkpointOf(minute, {}, { ...fresh, shape: 'O' }),
    ],
    [
      'goes on with what was interrupted',
      'walk',
      checkpointOf(minute, { stage: 'edges', walks: 0 }),
    ],
    [
      'begins anew what is older than a day',
      'begin',
      checkpointOf(25 * 60 * minute, { stage: 'objects', walks: 0 }),
    ],
    ['sweeps at once after a load', 'sweep', checkpointOf(minute)],
    ['rests after that', 'rest', checkpointOf(minute, {}, fresh)],
    [
      'sweeps every five minutes',
      'sweep',
      checkpointOf(9 * minute, {}, { sweptAt: ago(5 * minute) }),
    ],
    [
      'sweeps during a long load',
      'sweep',
      checkpointOf(9 * minute, { stage: 'objects', walks: 0 }, { sweptAt: ago(5 * minute) }),
    ],
    [
      'sweeps on request',
      'sweep',
      checkpointOf(minute, {}, { ...fresh, sweepRequestedAt: ago(1_000) }),
    ],
    ['walks again once no replica can be late', 'walkAgain', checkpointOf(15 * minute, {}, fresh)],
    ['walks a second time only', 'rest', checkpointOf(25 * minute, proven, fresh)],
  ])('%s', (_name, step, checkpoint) => {
    expect(nextStep(checkpoint, at)).toBe(step);
  });
});

describe('the phase of a tenant', () => {
  const loading = checkpointOf(minute, { stage: 'objects', walks: 0 });
  const loaded = checkpointOf(minute);
  const swept = checkpointOf(minute, {}, fresh);
  it.each([
    ['loading', [undefined, loaded]],
    ['loading', [loading, loaded]],
    ['sweeping', [loaded, loaded]],
    ['sweeping', [swept, loaded]],
    ['live', [swept, swept]],
  ] as const)('is %s', (phase, checkpoints) => {
    expect(phaseOf(checkpoints)).toBe(phase);
  });
});
