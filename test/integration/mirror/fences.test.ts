import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import type { EdgeWrite, ObjectWrite } from '../../../src/mirror/types.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';
import { withLostAnswers, withoutFence, withSneakingWrite } from './doubles.ts';

const shape = 'shape-1';
let mongo: TestMongo;
let mirror: Mirror;
let lastTenant = 0;

const open = (db: TestMongo['db']) => openMirror({ db, log: silentLog, clock: systemClock });
const freshTenant = () => `tenant-${++lastTenant}`;

beforeAll(async () => {
  mongo = await openTestMongo('fences');
  mirror = await open(mongo.db);
});
afterAll(() => mongo.close());

const person = (displayName: string): ObjectWrite => ({
  type: 'user',
  id: 'ada',
  state: 'active',
  properties: { displayName, mail: null },
  managerId: null,
});
const gone: ObjectWrite = { type: 'user', id: 'ada', state: 'softDeleted' };
const edge = (present: boolean): EdgeWrite => ({
  groupId: 'team',
  kind: 'member',
  memberId: 'ada',
  present,
});

async function shown(tenantId: string): Promise<string | undefined> {
  const [held] = await mirror.currentOf(tenantId, [{ type: 'user', id: 'ada' }]);
  return held?.mirror.state === 'active' ? String(held['displayName']) : held?.mirror.state;
}

/** Writes what was read under a token, as one worker does. */
const write = (by: Mirror, tenantId: string, token: number, read: ObjectWrite) =>
  by.applyObjects(tenantId, [read], { token, shape });

const races = [
  { name: 'update', held: [person('v0')], older: person('v1'), newer: person('v2') },
  { name: 'first insert', held: [], older: person('v1'), newer: person('v2') },
  { name: 'delete', held: [person('v0')], older: person('v1'), newer: gone },
  { name: 'restore', held: [person('v0'), gone], older: gone, newer: person('v2') },
  { name: 'deletion of what was never held', held: [], older: person('v1'), newer: gone },
];

describe('invariant 3: an older read never overwrites a newer one', () => {
  for (const { name, held, older, newer } of races) {
    const right = newer.state === 'active' ? newer.properties['displayName'] : newer.state;
    const race = async (slow: Mirror, tenantId: string) => {
      for (const read of held)
        await write(mirror, tenantId, await mirror.drawToken(tenantId), read);
      const slowToken = await slow.drawToken(tenantId);
      const fastToken = await mirror.drawToken(tenantId);
      await write(mirror, tenantId, fastToken, newer);
      return write(slow, tenantId, slowToken, older);
    };

    it(`in a race for ${name}, the slower writing last`, async () => {
      const tenantId = freshTenant();
      const [result] = await race(await open(mongo.db), tenantId);
      expect(result).toMatchObject({ result: 'stale', cameAlive: false });
      expect(await shown(tenantId)).toBe(right);
    });

    it(`in a race for ${name}, the faster writing between the slower one's look and write`, async () => {
      const tenantId = freshTenant();
      for (const read of held)
        await write(mirror, tenantId, await mirror.drawToken(tenantId), read);
      const slowToken = await mirror.drawToken(tenantId);
      const fastToken = await mirror.drawToken(tenantId);
      const slow = await open(
        withSneakingWrite(mongo.db, () => write(mirror, tenantId, fastToken, newer)),
      );
      const [result] = await write(slow, tenantId, slowToken, older);
      expect(result?.result).toBe('stale');
      expect(await shown(tenantId)).toBe(right);
    });

    it(`which a race for ${name} breaks once the fence is taken out`, async () => {
      const tenantId = freshTenant();
      await race(await open(withoutFence(mongo.db)), tenantId);
      expect(await shown(tenantId)).not.toBe(right);
    });
  }

  const isMember = async (tenantId: string) =>
    (await mirror.edgesOf(tenantId, [edge(true)]))[0]?.present;

  for (const { newer, older, held } of [
    { held: [true], older: true, newer: false },
    { held: [true, false], older: false, newer: true },
    { held: [], older: true, newer: false },
  ]) {
    const race = async (slow: Mirror, tenantId: string) => {
      for (const present of held)
        await mirror.applyEdges(tenantId, [edge(present)], await mirror.drawToken(tenantId));
      const slowToken = await mirror.drawToken(tenantId);
      await mirror.applyEdges(tenantId, [edge(newer)], await mirror.drawToken(tenantId));
      return slow.applyEdges(tenantId, [edge(older)], slowToken);
    };
    const name = `a membership that ${newer ? 'began' : 'ended'}${held.length > 0 ? '' : ' unseen'}`;

    it(`in a race for ${name}`, async () => {
      const tenantId = freshTenant();
      expect(await race(mirror, tenantId)).toBe(0);
      expect(await isMember(tenantId)).toBe(newer);
    });

    it(`which a race for ${name} breaks once the fence is taken out`, async () => {
      const tenantId = freshTenant();
      await race(await open(withoutFence(mongo.db)), tenantId);
      expect(await isMember(tenantId)).toBe(older);
    });
  }
});

describe('many workers that write one object at once', () => {
  it('leave what the read with the greatest token found', async () => {
    const tenantId = freshTenant();
    const tokens = Array.from({ length: 12 }, (_, index) => index + 1);
    // Each fourth read found nobody; insertion, update, burial and return all race each other.
    const read = (token: number) => (token % 4 === 0 ? gone : person(`v${token % 3}`));
    for (let round = 0; round < 3; round++) {
      const drawn = tokens.map((token) => round * 100 + token);
      await Promise.all(drawn.map((token) => write(mirror, tenantId, token, read(token))));
      const [held] = await mirror.currentOf(tenantId, [gone]);
      expect(held?.mirror.fence).toBe(round * 100 + 12);
      expect(held?.mirror.state).toBe('softDeleted');
    }
  });
});

describe('rule 1.3: a write is planned from one look and applies only to what was seen', () => {
  it('an older write that comes between is seen, judged and overwritten', async () => {
    const tenantId = freshTenant();
    await write(mirror, tenantId, await mirror.drawToken(tenantId), person('v0'));
    const older = await mirror.drawToken(tenantId);
    const newer = await mirror.drawToken(tenantId);
    // Between look and write the person is buried: what looked like no change is a return to life.
    const worker = await open(
      withSneakingWrite(mongo.db, () => write(mirror, tenantId, older, gone)),
    );
    const [result] = await write(worker, tenantId, newer, person('v0'));
    expect(result).toMatchObject({ result: 'applied', cameAlive: true });
    const [held] = await mirror.currentOf(tenantId, [gone]);
    expect(held?.mirror).toMatchObject({ state: 'active', fence: newer, revision: 3 });
    expect(held?.mirror.edgesDue?.looks).toBe(0);
  });

  it('an insert that comes between (code 11000) does not hide a newer read', async () => {
    const tenantId = freshTenant();
    const older = await mirror.drawToken(tenantId);
    const newer = await mirror.drawToken(tenantId);
    const worker = await open(
      withSneakingWrite(mongo.db, () => write(mirror, tenantId, older, person('v1'))),
    );
    expect(await write(worker, tenantId, newer, person('v2'))).toMatchObject([
      { result: 'applied' },
    ]);
    expect(await shown(tenantId)).toBe('v2');
  });

  it('objects of a load that are taken for new, and are not, are looked at', async () => {
    const tenantId = freshTenant();
    const older = await mirror.drawToken(tenantId);
    const eve: ObjectWrite = { ...person('v1'), id: 'eve' };
    await write(mirror, tenantId, await mirror.drawToken(tenantId), person('v2'));
    const batch = { token: older, shape, isNew: true };
    const results = await mirror.applyObjects(tenantId, [person('v1'), eve], batch);
    expect(results).toMatchObject([{ result: 'stale' }, { result: 'applied', cameAlive: true }]);
    expect(await shown(tenantId)).toBe('v2');
    const newer = { ...batch, token: await mirror.drawToken(tenantId) };
    expect(await mirror.applyObjects(tenantId, [person('v3'), eve], newer)).toMatchObject([
      { result: 'applied', cameAlive: false },
      { result: 'same' },
    ]);
    expect(await shown(tenantId)).toBe('v3');
  });

  it('one write repeated under its token has no second effect', async () => {
    const tenantId = freshTenant();
    const token = await mirror.drawToken(tenantId);
    await write(mirror, tenantId, token, person('v1'));
    expect(await write(mirror, tenantId, token, person('v1'))).toMatchObject([{ result: 'same' }]);
    const [held] = await mirror.currentOf(tenantId, [gone]);
    expect(held?.mirror.revision).toBe(1);
  });
});

describe('an answer that is lost', () => {
  it('costs a token: the number of an uncertain draw is never used (rule 1.2)', async () => {
    const tenantId = freshTenant();
    const before = await mirror.drawToken(tenantId);
    const cut = await open(withLostAnswers(mongo.db, 'findOneAndUpdate'));
    expect(await cut.drawToken(tenantId)).toBe(before + 2);
  });

  it('has a write repeated, without a second effect', async () => {
    const tenantId = freshTenant();
    const token = await mirror.drawToken(tenantId);
    const cut = await open(withLostAnswers(mongo.db, 'bulkWrite'));
    expect(await write(cut, tenantId, token, person('v1'))).toMatchObject([{ result: 'applied' }]);
    const [held] = await mirror.currentOf(tenantId, [gone]);
    expect(held).toMatchObject({ displayName: 'v1', mirror: { fence: token, revision: 1 } });
  });
});

describe('rule 1.6: the counter never goes back', () => {
  it('tokens grow, also for many that draw at once', async () => {
    const tenantId = freshTenant();
    const drawn = await Promise.all(Array.from({ length: 20 }, () => mirror.drawToken(tenantId)));
    expect(new Set(drawn).size).toBe(20);
    expect(await mirror.currentToken(tenantId)).toBe(Math.max(...drawn));
  });

  it('a lost counter starts above the greatest fence found', async () => {
    const tenantId = freshTenant();
    await write(mirror, tenantId, 41, person('v1'));
    await mirror.applyEdges(tenantId, [edge(true)], 77);
    expect(await mirror.drawToken(tenantId)).toBe(78);
  });

  it('a counter below a fence is lifted, once', async () => {
    const tenantId = freshTenant();
    await mirror.drawToken(tenantId);
    await write(mirror, tenantId, 500, person('v1'));
    expect(await mirror.liftCounter(tenantId)).toBe(true);
    expect(await mirror.liftCounter(tenantId)).toBe(false);
    expect(await mirror.drawToken(tenantId)).toBe(501);
  });
});
