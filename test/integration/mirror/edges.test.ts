import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import type { EdgeKind, EdgeWrite } from '../../../src/mirror/types.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const replicationMs = 15 * minute;
// Far from now: what expires in these tests must not be swept meanwhile.
const clock = { at: Date.UTC(2100, 0, 1), now: () => clock.at, sleep: async () => undefined };
let mongo: TestMongo;
let mirror: Mirror;
let tenantId = '';
let tenants = 0;

beforeAll(async () => {
  mongo = await openTestMongo('edges');
  mirror = await openMirror({ db: mongo.db, log: silentLog, clock, tombstoneKeepMs: 30 * day });
});
afterAll(() => mongo.close());
beforeEach(() => {
  tenantId = `tenant-${++tenants}`;
  clock.at += minute;
});

const edge = (memberId: string, present = true, kind: EdgeKind = 'member'): EdgeWrite => ({
  groupId: 'team',
  kind,
  memberId,
  present,
});
const apply = async (...writes: EdgeWrite[]) =>
  mirror.applyEdges(tenantId, writes, await mirror.drawToken(tenantId));
const held = async (memberId: string) => (await mirror.edgesOf(tenantId, [edge(memberId)]))[0];
const isPresent = async (memberId: string) => (await held(memberId))?.present;

/** A complete enumeration of the team that shows these members, begun so many minutes from the first. */
async function enumerate(members: string[], afterMinutes: number) {
  const token = await mirror.drawToken(tenantId);
  await mirror.applyEdges(
    tenantId,
    members.map((id) => edge(id)),
    token,
  );
  const beganAt = new Date(Date.UTC(2026, 0, 1) + afterMinutes * minute);
  return mirror.enumerated(tenantId, 'team', 'member', token, replicationMs, beganAt);
}

describe('a stored edge', () => {
  it('tells since when it is held, and until when it was', async () => {
    expect(await apply({ ...edge('ada'), memberType: 'user' })).toBe(1);
    const since = new Date(clock.at);
    expect(await held('ada')).toEqual({
      _id: `${tenantId}/team/member/ada`,
      tenantId,
      groupId: 'team',
      kind: 'member',
      memberId: 'ada',
      memberType: 'user',
      present: true,
      since,
      until: null,
      mirror: { fence: 1, changedAt: since },
    });
    clock.at += minute;
    expect(await apply(edge('ada', false))).toBe(1);
    const until = new Date(clock.at);
    expect(await held('ada')).toMatchObject({ present: false, memberType: 'user', since, until });
    expect((await held('ada'))?.mirror.expireAt).toEqual(new Date(clock.at + 30 * day));
  });

  it('changes only in its fence where the same is seen again', async () => {
    await apply(edge('ada'));
    const before = await held('ada');
    clock.at += minute;
    expect(await apply(edge('ada'))).toBe(0);
    expect(await held('ada')).toEqual({ ...before, mirror: { ...before?.mirror, fence: 2 } });
  });

  it('that begins again no longer expires', async () => {
    await apply(edge('ada'));
    await apply(edge('ada', false));
    clock.at += minute;
    expect(await apply(edge('ada'))).toBe(1);
    expect(await held('ada')).toMatchObject({ since: new Date(clock.at), until: null });
    expect((await held('ada'))?.mirror).not.toHaveProperty('expireAt');
  });

  it('whose end is told before its begin is held as ended (rule 1.4)', async () => {
    expect(await apply(edge('ada', false))).toBe(0);
    expect(await held('ada')).toMatchObject({ present: false, since: null });
  });
});

describe('rule 3.4: absence ends a membership only', () => {
  it('from two complete enumerations at least 15 minutes apart', async () => {
    await apply(edge('ada'), edge('bob'));
    expect(await enumerate(['bob'], 0)).toEqual({ absent: 1, ended: 0 });
    expect(await isPresent('ada')).toBe(true);
    expect(await enumerate(['bob'], 15)).toEqual({ absent: 0, ended: 1 });
    expect([await isPresent('ada'), await isPresent('bob')]).toEqual([false, true]);
  });

  it('not from two that are closer, which leave the first one standing', async () => {
    await apply(edge('ada'));
    await enumerate([], 0);
    expect(await enumerate([], 14)).toEqual({ absent: 0, ended: 0 });
    expect(await isPresent('ada')).toBe(true);
    expect(await enumerate([], 15)).toMatchObject({ ended: 1 });
  });

  it('not where it was seen between the two', async () => {
    await apply(edge('ada'));
    await enumerate([], 0);
    await apply(edge('ada'));
    expect((await held('ada'))?.mirror).not.toHaveProperty('absent');
    expect(await enumerate([], 20)).toEqual({ absent: 1, ended: 0 });
    expect(await isPresent('ada')).toBe(true);
  });

  it('not where it was read after the enumeration had drawn its token', async () => {
    await apply(edge('ada'));
    await enumerate([], 0);
    const token = await mirror.drawToken(tenantId);
    await apply(edge('ada'));
    const beganAt = new Date(Date.UTC(2026, 0, 1) + 20 * minute);
    const found = await mirror.enumerated(tenantId, 'team', 'member', token, 0, beganAt);
    expect(found).toEqual({ absent: 0, ended: 0 });
  });

  it('of its own kind and group', async () => {
    await apply(edge('ada', true, 'owner'), { ...edge('ada'), groupId: 'staff' });
    expect(await enumerate([], 0)).toEqual({ absent: 0, ended: 0 });
  });
});

it('after an enumeration only those are named that hold edges which were not shown', async () => {
  const team = { groupId: 'team', kind: 'member' as const };
  const owners = { groupId: 'team', kind: 'owner' as const };
  const staff = { groupId: 'staff', kind: 'member' as const };
  const all = [team, owners, staff];
  await apply(edge('ada'), edge('bob'), edge('ada', true, 'owner'), edge('eve', false));
  await apply({ ...edge('ada'), groupId: 'staff' });
  const token = await mirror.drawToken(tenantId);
  expect(await mirror.notWhollyShown(tenantId, all, token)).toEqual(all);
  await mirror.applyEdges(tenantId, [edge('ada'), edge('ada', true, 'owner')], token);
  expect(await mirror.notWhollyShown(tenantId, [team, owners], token)).toEqual([team]);
  await mirror.applyEdges(tenantId, [edge('bob')], token);
  expect(await mirror.notWhollyShown(tenantId, [team, owners], token)).toEqual([]);
});

describe('a load that takes edges for new', () => {
  const asNew = async (token: number, ...writes: EdgeWrite[]) =>
    mirror.applyEdges(tenantId, writes, token, true);

  it('writes those that are, and sees those that are not', async () => {
    await apply(edge('ada'), edge('bob', false));
    const token = await mirror.drawToken(tenantId);
    expect(await asNew(token, edge('ada'), edge('bob'), edge('eve'))).toBe(2);
    const all = await Promise.all(['ada', 'bob', 'eve'].map(held));
    expect(all).toMatchObject(all.map(() => ({ present: true, mirror: { fence: token } })));
  });

  it('does not write over what was read later', async () => {
    const older = await mirror.drawToken(tenantId);
    await apply(edge('ada', false));
    expect(await asNew(older, edge('ada'), edge('eve'))).toBe(1);
    expect([await isPresent('ada'), await isPresent('eve')]).toEqual([false, true]);
  });
});

it('the purge of a group ends every edge of it, and a slower write does not bring one back', async () => {
  const slower = await mirror.drawToken(tenantId);
  await apply(edge('ada'), edge('ada', true, 'owner'), { ...edge('ada'), groupId: 'staff' });
  const token = await mirror.drawToken(tenantId);
  expect(await mirror.endEdgesOfGroup(tenantId, 'team', token)).toBe(2);
  expect(await mirror.applyEdges(tenantId, [edge('ada')], slower)).toBe(0);
  expect(await isPresent('ada')).toBe(false);
  const [other] = await mirror.edgesOf(tenantId, [{ ...edge('ada'), groupId: 'staff' }]);
  expect(other?.present).toBe(true);
});
