import { describe, expect, it } from '@jest/globals';
import { adviceFor } from '../../../src/cli/advice.ts';

type Found = Parameters<typeof adviceFor>[0];
const held = (state: string): Found['mirror'] => {
  const at = new Date(0);
  const times = { observedAt: at, changedAt: at, lastNotifiedAt: at };
  return { state, fence: 1, revision: 1, edgesDue: false, hold: null, ...times };
};
const found = (changes: Partial<Found>): Found => ({
  object: { type: 'user', id: 'ada' },
  tenant: { id: 't', state: 'served', phase: 'live' },
  ...{ mirror: held('active'), directory: 'active', differences: [] },
  ...{ queued: [], deadLetters: [], sweptAt: null, ...changes },
});

describe('the advice about an object', () => {
  it.each<[string, Partial<Found>]>([
    ['nothing to do', {}],
    ['nothing to do', { mirror: held('purged'), directory: 'missing' }],
    ['"fetch ada"', { differences: ['jobTitle'] }],
    ['"fetch ada"', { mirror: held('active'), directory: 'softDeleted' }],
    ['"fetch ada"', { mirror: null }],
    ['"holds list"', { mirror: { ...held('active')!, hold: 'h' }, directory: 'softDeleted' }],
    ['in the queue', { mirror: null, queued: [{ origin: 'hint', attempt: 1, dueAt: null }] }],
    ['Nobody knows', { mirror: null, directory: 'missing' }],
    ['throttles', { directory: 'throttled' }],
    ['permissions', { directory: 'refused' }],
    [
      '"dead-letters replay 7"',
      { deadLetters: [{ id: '7', reason: 'Malformed', description: '' }] },
    ],
    [
      'make it smaller in the directory, then "dead-letters replay 8"',
      { mirror: null, deadLetters: [{ id: '8', reason: 'TooLarge', description: '' }] },
    ],
    ['Consent!', { tenant: { id: 't', state: 'served', phase: 'live', degraded: 'Consent!' } }],
    ['resume it', { tenant: { id: 't', state: 'paused', phase: 'live' } }],
    ['not live yet', { tenant: { id: 't', state: 'served', phase: 'loading' } }],
  ])('says %s', (words, changes) => {
    expect(adviceFor(found(changes)).join('\n')).toContain(words);
  });

  it('says nothing of fetching where mirror and directory agree', () => {
    expect(adviceFor(found({}))).toHaveLength(1);
  });
});
