import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import type { ObjectWrite, StoredObject } from '../../../src/mirror/types.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

const day = 24 * 3_600_000;
// Far from now: what expires in these tests must not be swept meanwhile.
const clock = { at: Date.UTC(2100, 0, 1), now: () => clock.at, sleep: async () => undefined };
let mongo: TestMongo;
let mirror: Mirror;
let tenantId = '';
let tenants = 0;

beforeAll(async () => {
  mongo = await openTestMongo('objects');
  mirror = await openMirror({ db: mongo.db, log: silentLog, clock, tombstoneKeepMs: 30 * day });
});
afterAll(() => mongo.close());
beforeEach(() => {
  tenantId = `tenant-${++tenants}`;
  clock.at += 1_000;
});

const ada = { type: 'user', id: 'ada' } as const;
const properties = { displayName: 'Ada', businessPhones: ['1', '2'], mail: null };
const alive = (changed: object = {}): ObjectWrite => ({
  ...ada,
  state: 'active',
  properties,
  managerId: null,
  ...changed,
});

async function apply(write: ObjectWrite, shape = 'shape-1') {
  const token = await mirror.drawToken(tenantId);
  const [result] = await mirror.applyObjects(tenantId, [write], { token, shape });
  return { token, ...result };
}

async function held(ref: { type: 'user' | 'group'; id: string } = ada): Promise<StoredObject> {
  const [document] = await mirror.currentOf(tenantId, [ref]);
  if (!document) throw new Error('nothing is held');
  return document;
}

describe('a stored object', () => {
  it("has Graph's names at the top and ours under mirror", async () => {
    const { token, ...result } = await apply(alive({ notifiedAt: new Date(7), managerId: 'boss' }));
    expect(result).toEqual({ ...ada, result: 'applied', cameAlive: true });
    const now = new Date(clock.at);
    expect(await held()).toEqual({
      _id: `${tenantId}/ada`,
      tenantId,
      id: 'ada',
      ...properties,
      managerId: 'boss',
      mirror: {
        state: 'active',
        fence: token,
        revision: 1,
        shape: 'shape-1',
        contentHash: expect.any(String),
        observedAt: now,
        changedAt: now,
        lastNotifiedAt: new Date(7),
        source: 'graph',
        upn: null,
        mail: null,
        edgesDue: { since: now, looks: 0 },
      },
    });
  });

  it('is kept apart by type and tenant', async () => {
    await apply(alive());
    await apply({ ...alive(), type: 'group' });
    const refs = [{ type: 'group', id: 'ada' } as const, { type: 'user', id: 'eve' } as const, ada];
    const found = await mirror.currentOf(tenantId, refs);
    expect(found.map((document) => document?.id)).toEqual(['ada', undefined, 'ada']);
    expect(await mirror.currentOf('elsewhere', [ada])).toEqual([undefined]);
  });

  it('lives with names that are poison elsewhere', async () => {
    const poison = JSON.parse('{"__proto__":{"x":1},"$set":{"id":2},"a.b":3}') as object;
    await apply(alive({ properties: { ...properties, employeeOrgData: poison, ...poison } }));
    const { employeeOrgData } = await held();
    expect(employeeOrgData).toEqual({ '\uFF04set': { id: 2 }, 'a\uFF0Eb': 3 });
  });
});

describe('rule 1.7: an equal read raises the fence and nothing else', () => {
  it('for lists in another order too', async () => {
    await apply(alive());
    const before = await held();
    clock.at += 5_000;
    const { token, result } = await apply(
      alive({ properties: { ...properties, businessPhones: ['2', '1'] } }),
    );
    expect(result).toBe('same');
    const raised = { fence: token, observedAt: new Date(clock.at) };
    expect(await held()).toEqual({ ...before, mirror: { ...before.mirror, ...raised } });
  });

  it('and a read that differs raises the revision by one', async () => {
    await apply(alive());
    const { result } = await apply(alive({ managerId: 'boss' }));
    expect(result).toBe('applied');
    expect((await held()).mirror).toMatchObject({ revision: 2, changedAt: new Date(clock.at) });
  });

  it('a property that the table no longer names goes, and null comes for a new one', async () => {
    await apply(alive({ properties: { ...properties, faxNumber: '9' } }));
    await apply(alive({ properties: { ...properties, city: undefined } }), 'shape-2');
    const document = await held();
    expect(document).not.toHaveProperty('faxNumber');
    expect(document).toMatchObject({ city: null, tenantId, mirror: { shape: 'shape-2' } });
  });
});

describe('rule 1.4: removal is a write', () => {
  it('a soft-deleted object keeps its last properties', async () => {
    await apply(alive());
    expect(await apply({ ...ada, state: 'softDeleted' })).toMatchObject({ result: 'applied' });
    const document = await held();
    expect(document).toMatchObject({
      ...properties,
      mirror: { state: 'softDeleted', revision: 2 },
    });
    expect(document.mirror.expireAt).toBeUndefined();
    expect(await apply({ ...ada, state: 'softDeleted' })).toMatchObject({ result: 'same' });
  });

  it('a purged one expires after its time, unless it comes alive again', async () => {
    await apply(alive());
    await apply({ ...ada, state: 'purged' });
    expect((await held()).mirror.expireAt).toEqual(new Date(clock.at + 30 * day));
    expect(await apply(alive())).toMatchObject({ result: 'applied', cameAlive: true });
    expect((await held()).mirror).not.toHaveProperty('expireAt');
  });

  it('a tombstone is written even where nothing was held', async () => {
    const { token } = await apply({ ...ada, state: 'purged' });
    expect((await held()).mirror).toMatchObject({ state: 'purged', fence: token, revision: 1 });
  });
});

describe('rule 3.3: who comes alive has its edges read', () => {
  const due = async (ref?: Parameters<typeof held>[0]) => (await held(ref)).mirror.edgesDue;

  it('new, restored or wrongly buried, in the same write', async () => {
    await apply(alive());
    const { edgesDue } = (await held()).mirror;
    await mirror.looked(tenantId, ada, edgesDue!);
    await mirror.looked(tenantId, ada, (await due())!);
    expect(await due()).toBeUndefined();
    await apply(alive({ managerId: 'boss' }));
    expect(await due()).toBeUndefined();
    await apply({ ...ada, state: 'purged' });
    clock.at += 1_000;
    await apply(alive());
    expect(await due()).toEqual({ since: new Date(clock.at), looks: 0 });
  });

  it("but not by a load's page, which enumerates edges itself", async () => {
    expect(await apply(alive({ fromPage: true }))).toMatchObject({ cameAlive: true });
    expect(await due()).toBeUndefined();
  });

  it('and so has a person who is found gone, but not a group', async () => {
    await apply({ ...ada, state: 'softDeleted' });
    expect(await due()).toMatchObject({ looks: 0 });
    await apply({ type: 'group', id: 'team', state: 'softDeleted' });
    expect(await due({ type: 'group', id: 'team' })).toBeUndefined();
  });
});

describe('a batch', () => {
  it('gives results in the order of its writes', async () => {
    await apply(alive());
    const token = await mirror.drawToken(tenantId);
    const batch = [{ ...alive(), type: 'group' } as const, alive(), { ...alive(), id: 'bob' }];
    const results = await mirror.applyObjects(tenantId, batch, { token, shape: 'shape-1' });
    expect(results.map(({ type, id, result }) => [type, id, result])).toEqual([
      ['group', 'ada', 'applied'],
      ['user', 'ada', 'same'],
      ['user', 'bob', 'applied'],
    ]);
  });

  it('of nothing does nothing', async () => {
    expect(await mirror.applyObjects(tenantId, [], { token: 1, shape: 's' })).toEqual([]);
  });
});
