import { describe, expect, it } from '@jest/globals';
import type { Change } from '../../../src/change.ts';
import type { Read } from '../../../src/graph/types.ts';
import { judge } from '../../../src/sync/outcome.ts';

const now = new Date('2026-03-01T12:00:00Z');
const replicationMs = 15 * 60_000;
const at = { now, replicationMs, counter: 42, isBuried: false };
const agoIso = (ms: number) => new Date(now.getTime() - ms).toISOString();

const changeOf = (overrides: Partial<Change> = {}): Change => ({
  ...{ type: 'user', id: 'U', changeType: 'updated', origin: 'notification' },
  ...{ receivedAt: now.toISOString(), attempt: 3, ...overrides },
});

const found: Read = {
  kind: 'found',
  object: { type: 'user', id: 'U', properties: { city: 'Oslo' }, managerId: 'M' },
};
const writes = (state: string) => ({ kind: 'write', found: expect.objectContaining({ state }) });
const becomes = (outcome: object) => ({
  kind: 'outcome',
  outcome: expect.objectContaining(outcome),
});

describe('rule 4.1: the judgement of a read', () => {
  it.each<[string, Read, Partial<Change>, object]>([
    ['found is written', found, {}, writes('active')],
    [
      'found is written though a deletion was announced',
      found,
      { changeType: 'deleted' },
      writes('active'),
    ],
    ['in deletedItems is soft-deleted', { kind: 'softDeleted' }, {}, writes('softDeleted')],
    [
      'in deletedItems is soft-deleted whatever was announced',
      { kind: 'softDeleted' },
      { changeType: 'deleted' },
      writes('softDeleted'),
    ],
    [
      'missing is tried again',
      { kind: 'missing' },
      {},
      becomes({ kind: 'retry', reason: 'missing' }),
    ],
    [
      'missing confirms an announced purge',
      { kind: 'missing' },
      { changeType: 'deleted' },
      writes('purged'),
    ],
    [
      'missing twice within the window is tried again',
      { kind: 'missing' },
      { missingSince: agoIso(replicationMs - 1) },
      becomes({ kind: 'retry' }),
    ],
    [
      'missing twice with the window between is purged',
      { kind: 'missing' },
      { missingSince: agoIso(replicationMs) },
      writes('purged'),
    ],
    ['throttled waits', { kind: 'throttled', retryAfterMs: 700 }, {}, { kind: 'wait', ms: 700 }],
    [
      'failed is tried again',
      { kind: 'failed', reason: '502' },
      {},
      becomes({ kind: 'retry', reason: '502' }),
    ],
    [
      'refused is dead',
      { kind: 'refused', code: 'Request_BadRequest', message: 'no such id' },
      {},
      becomes({ kind: 'dead', reason: 'Request_BadRequest', description: 'no such id' }),
    ],
  ])('%s', (_name, read, change, expected) => {
    expect(judge(read, changeOf(change), at)).toEqual(expected);
  });

  it('buries again what is buried: a late notification of a purged object is no news', () => {
    const judged = judge({ kind: 'missing' }, changeOf(), { ...at, isBuried: true });
    expect(judged).toEqual(writes('purged'));
  });

  it('sends what comes back as a hint that carries the counter', () => {
    const judged = judge({ kind: 'failed', reason: 'x' }, changeOf(), at);
    expect(judged).toEqual(becomes({ change: changeOf({ origin: 'hint', sentAtFence: 42 }) }));
  });

  it('counts the attempts of a missing object from its first miss, and waits longer each time', () => {
    const first = judge({ kind: 'missing' }, changeOf(), at);
    expect(first).toEqual(
      becomes({
        delayMs: 2_000,
        change: expect.objectContaining({ attempt: 0, missingSince: now.toISOString() }),
      }),
    );
    const missingSince = agoIso(10_000);
    const third = judge({ kind: 'missing' }, changeOf({ missingSince, attempt: 3 }), at);
    expect(third).toEqual(
      becomes({ delayMs: 16_000, change: expect.objectContaining({ attempt: 3, missingSince }) }),
    );
  });

  it('looks again exactly when the window ends, however many attempts there were', () => {
    const missingSince = agoIso(replicationMs - 5_000);
    const judged = judge({ kind: 'missing' }, changeOf({ missingSince, attempt: 9 }), at);
    expect(judged).toEqual(becomes({ delayMs: 5_000 }));
  });
});
