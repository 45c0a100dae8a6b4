import { describe, expect, it } from '@jest/globals';
import { MongoNetworkError } from 'mongodb';
import type { Change } from '../../../src/change.ts';
import type { Graph, Read } from '../../../src/graph/types.ts';
import type { Mirror } from '../../../src/mirror/open-mirror.ts';
import type { ObjectWrite, WriteResult } from '../../../src/mirror/types.ts';
import { TenantError, ThrottledError } from '../../../src/ops/errors.ts';
import { createFigures } from '../../../src/ops/figures.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultTimings } from '../../../src/ops/timings.ts';
import { noTracer } from '../../../src/ops/trace.ts';
import { createHandler } from '../../../src/sync/handle-changes.ts';

const started = Date.parse('2026-03-01T12:00:00Z');

const changeOf = (id: string, overrides: Partial<Change> = {}): Change => ({
  ...{ type: 'user', id, changeType: 'updated', origin: 'notification', attempt: 0 },
  ...{ receivedAt: new Date(started).toISOString(), ...overrides },
});

interface Options {
  /** Answers of Graph by id, the next one at each read. */
  reads?: Record<string, Read[]>;
  result?: WriteResult['result'];
  /** How long each read takes. */
  readMs?: number;
  fences?: Record<string, number>;
  fail?: { graph?: Error; mirror?: Error };
  /** An object that MongoDB will not take. */
  poison?: string;
  /** How many writes break their connection to MongoDB. */
  breaks?: number;
}

/** The handler between a Graph and a mirror that answer as told; `journal` tells what happened, in order. */
function setUp({
  reads = {},
  result = 'applied',
  readMs = 0,
  fences = {},
  fail = {},
  poison,
  breaks = 0,
}: Options = {}) {
  const journal: string[] = [];
  const published: { changes: readonly Change[]; delayMs: number | undefined }[] = [];
  let token = 0;
  let nowMs = started;
  const found = (id: string): Read => ({
    kind: 'found',
    object: { type: 'user', id, properties: {}, managerId: null },
  });
  const graph: Partial<Graph> = {
    shape: 'S',
    read: async (refs, lane) => {
      journal.push(`read ${lane} ${refs.map(({ id }) => id).join()}`);
      if (fail.graph) throw fail.graph;
      nowMs += readMs;
      return refs.map(({ id }) => reads[id]?.shift() ?? found(id));
    },
  };
  const mirror = {
    drawToken: async () => {
      if (fail.mirror) throw fail.mirror;
      token += 1;
      journal.push(`token ${token}`);
      return token;
    },
    currentToken: async () => token,
    currentOf: async (_tenant: string, refs: { id: string }[]) =>
      refs.map(({ id }) => ({ mirror: { fence: fences[id] ?? 0 } })),
    applyObjects: async (_tenant: string, writes: ObjectWrite[], batch: { token: number }) => {
      breaks -= 1;
      if (breaks >= 0) throw new MongoNetworkError('connection closed');
      if (writes.some(({ id }) => id === poison)) throw new TypeError('cannot be stored');
      journal.push(
        `write ${batch.token} ${writes.map(({ id, state }) => `${id} ${state}`).join()}`,
      );
      return writes.map(({ type, id }) => ({ type, id, result, cameAlive: false }));
    },
    markEdgesDue: async () => undefined,
    tenants: {
      find: async () => ({ id: 'T', served: true }),
      degrade: async (_tenant: string, advice: string) => void journal.push(`degraded ${advice}`),
    },
  };
  const handler = createHandler({
    graphOf: () => graph as Graph,
    mirror: mirror as unknown as Mirror,
    publish: async (_tenant, changes, options) =>
      void published.push({ changes, delayMs: options?.delayMs }),
    requestEdges: async () => void journal.push('edges requested'),
    onLifecycle: async (_tenant, { lifecycle }) => void journal.push(`lifecycle ${lifecycle}`),
    clock: {
      now: () => nowMs,
      sleep: async (ms) => void (journal.push(`wait ${ms}`), (nowMs += ms)),
    },
    ...{ timings: defaultTimings, figures: createFigures(), log: silentLog, tracer: noTracer },
  });
  const handle = (...changes: Change[]) =>
    handler('T', changes, { signal: new AbortController().signal });
  return { handle, journal, published };
}

describe('the handler', () => {
  it('draws the token before it reads, and writes what it read (rule 1.2)', async () => {
    const { handle, journal } = setUp();
    expect(await handle(changeOf('a'), changeOf('b'))).toEqual([
      { kind: 'done' },
      { kind: 'done' },
    ]);
    expect(journal).toEqual(['token 1', 'read notification a,b', 'write 1 a active,b active']);
  });

  it('invariant 2: takes nothing from a notification but what to read', async () => {
    const { handle, journal } = setUp();
    await handle(changeOf('a', { changeType: 'deleted' }));
    expect(journal.at(-1)).toBe('write 1 a active');
  });

  it('invariant 4: writes nothing for an object that one read did not find', async () => {
    const { handle, journal } = setUp({ reads: { a: [{ kind: 'missing' }] } });
    expect(await handle(changeOf('a'))).toMatchObject([{ kind: 'retry', reason: 'missing' }]);
    expect(journal.filter((line) => line.startsWith('write'))).toEqual([]);
  });

  it('does not write a result that is too old, but reads again under a new token (rule 1.2)', async () => {
    const { handle, journal } = setUp({ readMs: defaultTimings.staleReadMs + 1 });
    expect(await handle(changeOf('a'))).toMatchObject([{ kind: 'park' }]);
    expect(journal.filter((line) => /^(token|write)/.test(line))).toEqual(['token 1', 'token 2']);
  });

  it('writes what it has before it waits out a short throttling', async () => {
    const reads: Options['reads'] = { b: [{ kind: 'throttled', retryAfterMs: 1_500 }] };
    const { handle, journal } = setUp({ reads });
    expect(await handle(changeOf('a'), changeOf('b'))).toEqual([
      { kind: 'done' },
      { kind: 'done' },
    ]);
    expect(journal.slice(2)).toEqual([
      ...['write 1 a active', 'wait 1500', 'token 2', 'read notification b', 'write 2 b active'],
    ]);
  });

  it('parks what is throttled for longer, and only that', async () => {
    const reads: Options['reads'] = { b: [{ kind: 'throttled', retryAfterMs: 9_000 }] };
    const { handle } = setUp({ reads });
    expect(await handle(changeOf('a'), changeOf('b'))).toEqual([
      { kind: 'done' },
      { kind: 'park', reason: 'throttled', delayMs: 9_000 },
    ]);
  });

  it('keeps one bad object from its neighbours', async () => {
    const reads: Options['reads'] = {
      bad: [{ kind: 'refused', code: 'BadRequest', message: 'no id' }],
      ill: [{ kind: 'failed', reason: '502' }],
    };
    const outcomes = await setUp({ reads }).handle(changeOf('a'), changeOf('bad'), changeOf('ill'));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'dead', 'retry']);
  });

  it('reads hints in the lane of sweeps, and those read since not at all (rule 2.4)', async () => {
    const { handle, journal } = setUp({ fences: { old: 7, new: 9 } });
    const hint = { origin: 'hint', sentAtFence: 7 } as const;
    await handle(changeOf('a'), changeOf('old', hint), changeOf('new', hint));
    expect(journal.filter((line) => line.startsWith('read'))).toEqual(
      expect.arrayContaining(['read notification a', 'read sweep old']),
    );
  });

  it.each([
    ['outage of MongoDB', { mirror: new Error('no primary') }, 'no primary', undefined],
    ['throttled tenant', { graph: new ThrottledError(8_000, '429') }, 'throttled', 8_000],
    ['refused tenant', { graph: new TenantError('401', 'Renew the secret.') }, 'tenant', undefined],
  ])('parks everything and burns no attempt: %s', async (_name, fail, reason, delayMs) => {
    const outcomes = await setUp({ fail }).handle(changeOf('a'), changeOf('b'));
    const parked = { kind: 'park', reason, ...(delayMs !== undefined && { delayMs }) };
    expect(outcomes).toEqual([parked, parked]);
  });

  it('handles everything once more, under a new token, where a connection to MongoDB broke', async () => {
    const { handle, journal } = setUp({ breaks: 1 });
    expect(await handle(changeOf('a'))).toEqual([{ kind: 'done' }]);
    expect(journal.at(-1)).toBe('write 2 a active');
  });

  it('parks what met two broken connections, one after the other', async () => {
    const { handle } = setUp({ breaks: 2 });
    expect(await handle(changeOf('a'))).toMatchObject([{ kind: 'park' }]);
  });

  it('parks what Graph, being away, did not answer', async () => {
    const away: Read = { kind: 'failed', reason: 'ECONNREFUSED', away: true };
    const { handle } = setUp({ reads: { a: [away] } });
    expect(await handle(changeOf('a'), changeOf('b'))).toEqual([
      { kind: 'park', reason: 'ECONNREFUSED' },
      { kind: 'done' },
    ]);
  });

  it('invariant 7: lets an object that cannot be stored hold up none of its neighbours', async () => {
    const { handle } = setUp({ poison: 'c' });
    const changes = ['a', 'b', 'c', 'd', 'e'].map((id) => changeOf(id));
    expect(await handle(...changes)).toEqual([
      { kind: 'done' },
      { kind: 'done' },
      { kind: 'retry', reason: 'cannot be stored' },
      { kind: 'done' },
      { kind: 'done' },
    ]);
  });

  it('says of a refused tenant what to do', async () => {
    const { handle, journal } = setUp({
      fail: { graph: new TenantError('401', 'Renew the secret.') },
    });
    await handle(changeOf('a'));
    expect(journal).toContain('degraded Renew the secret.');
  });

  it('reads many objects in parts, so that some are written while others are read', async () => {
    const { handle, journal } = setUp({ result: 'same' });
    const ids = Array.from({ length: 201 }, (_, index) => String(index));
    expect(await handle(...ids.map((id) => changeOf(id)))).toHaveLength(201);
    expect(journal.filter((entry) => entry.startsWith('read '))).toHaveLength(2);
  });

  it('hands lifecycle events to the subscriptions', async () => {
    const { handle, journal } = setUp();
    await handle(changeOf('S', { type: 'subscription', lifecycle: 'reauthorizationRequired' }));
    expect(journal).toEqual(['lifecycle reauthorizationRequired']);
  });
});

describe('a second look (rule 2.3)', () => {
  it('goes in one scheduled set to all whose read showed nothing new', async () => {
    const { handle, published } = setUp({ result: 'same' });
    await handle(changeOf('a'), changeOf('b'));
    expect(published).toEqual([
      {
        changes: [changeOf('a', { origin: 'secondLook' }), changeOf('b', { origin: 'secondLook' })],
        delayMs: defaultTimings.secondLookMs,
      },
    ]);
  });

  it('comes due together with those of neighbouring batches', async () => {
    const { handle, published } = setUp({ result: 'same', readMs: 2_000 });
    for (const id of ['a', 'b']) await handle(changeOf(id));
    const [first = 0, second = 0] = published.map(({ delayMs = 0 }) => delayMs);
    expect(first).toBeGreaterThanOrEqual(defaultTimings.secondLookMs);
    expect(first - second).toBe(2_000);
  });

  it('causes none, nor does a hint, nor what was new', async () => {
    const same = setUp({ result: 'same' });
    await same.handle(changeOf('a', { origin: 'secondLook' }), changeOf('b', { origin: 'hint' }));
    expect(same.published).toEqual([]);
    const applied = setUp();
    await applied.handle(changeOf('a'));
    expect(applied.published).toEqual([]);
  });

  it('is due to a deletion that the read did not confirm', async () => {
    const { handle, published } = setUp({ reads: { a: [{ kind: 'softDeleted' }] } });
    await handle(changeOf('a', { changeType: 'deleted' }));
    expect(published[0]!.changes).toMatchObject([{ changeType: 'deleted', origin: 'secondLook' }]);
  });

  it('of a group asks for its memberships once more', async () => {
    const { handle, journal, published } = setUp();
    await handle(changeOf('g', { type: 'group' }));
    expect(journal.at(-1)).toBe('edges requested');
    await handle(...published[0]!.changes);
    expect(journal.at(-1)).toBe('edges requested');
    expect(published).toHaveLength(1);
  });
});

describe('a person found gone', () => {
  it('has edges to be read: Graph says nothing of those who reported to them', async () => {
    const { handle, journal } = setUp({ reads: { a: [{ kind: 'softDeleted' }] } });
    await handle(changeOf('a'));
    expect(journal.at(-1)).toBe('edges requested');
  });
});
