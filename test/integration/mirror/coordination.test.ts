import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';

const long = 60_000;
let mongo: TestMongo;
let mirror: Mirror;
let name = '';
let names = 0;

beforeAll(async () => {
  mongo = await openTestMongo('coordination');
  mirror = await openMirror({ db: mongo.db, log: silentLog, clock: systemClock });
});
afterAll(() => mongo.close());
beforeEach(() => {
  name = `name-${++names}`;
});

async function acquired(holder: string, ttlMs = long) {
  const lease = await mirror.acquireLease(name, holder, ttlMs);
  if (!lease) throw new Error(`${holder} did not get ${name}`);
  return lease;
}

describe('a lease', () => {
  it('has one holder of many that want it at once', async () => {
    const wanted = Array.from({ length: 10 }, (_, i) => mirror.acquireLease(name, `h${i}`, long));
    const taken = (await Promise.all(wanted)).filter((lease) => lease !== undefined);
    expect(taken).toMatchObject([{ name, epoch: 1, requested: 0 }]);
  });

  it('that ran out goes to the next, whose epoch is greater, and is lost to the first', async () => {
    const first = await acquired('first', 0);
    const second = await acquired('second');
    expect(second.epoch).toBe(first.epoch + 1);
    expect(await mirror.renewLease(first, long)).toBeUndefined();
    expect(await mirror.releaseLease(first)).toBe(false);
    expect(await mirror.renewLease(second, long)).toEqual(second);
  });

  it('that ran out and that nobody took is still its holder’s', async () => {
    const lease = await acquired('first', 0);
    expect(await mirror.renewLease(lease, long)).toEqual(lease);
    expect(await mirror.acquireLease(name, 'second', long)).toBeUndefined();
  });

  it('that is released is free at once', async () => {
    expect(await mirror.releaseLease(await acquired('first'))).toBe(true);
    expect((await acquired('second')).epoch).toBe(2);
  });
});

describe('rule 3.1: requests to the groups reader', () => {
  it('keep the lease held where one came during the round', async () => {
    await mirror.requestLease(name);
    const lease = await acquired('reader');
    expect(lease.requested).toBe(1);
    await mirror.requestLease(name);
    expect(await mirror.releaseLease(lease, lease.requested)).toBe(false);
    const renewed = await mirror.renewLease(lease, long);
    expect(await mirror.releaseLease(lease, renewed!.requested)).toBe(true);
  });

  it('are found waiting while nobody holds the lease, until a finished round has seen them', async () => {
    expect(await mirror.leaseWanted(name)).toBe(false);
    await mirror.requestLease(name);
    expect(await mirror.leaseWanted(name)).toBe(true);
    const lease = await acquired('reader');
    expect(await mirror.leaseWanted(name)).toBe(false);
    await mirror.releaseLease(lease);
    expect(await mirror.leaseWanted(name)).toBe(true);
    await mirror.releaseLease(await acquired('reader'), 1);
    expect(await mirror.leaseWanted(name)).toBe(false);
  });
});

describe('a checkpoint', () => {
  const begin = { link: 'fresh', token: 7, shape: 's1', cause: 'first' };
  const stored = async () => {
    const checkpoint = await mirror.checkpoint(name, 'user');
    if (!checkpoint) throw new Error('no checkpoint');
    return checkpoint;
  };

  it('begins a pass with a fresh link and nothing counted', async () => {
    expect(await mirror.checkpoint(name, 'user')).toBeUndefined();
    expect(await mirror.beginPass(name, 'user', begin, 1)).toBe(true);
    expect(await stored()).toMatchObject({
      _id: `${name}/users`,
      tenantId: name,
      type: 'user',
      shape: 's1',
      links: [{ link: 'fresh' }],
      pass: { token: 7, stage: 'objects', walks: 0, objects: 0, edges: 0, cause: 'first' },
    });
  });

  it('resumes a stage without a cursor at its beginning', async () => {
    await mirror.beginPass(name, 'user', begin, 1);
    const { pass } = await stored();
    await mirror.savePass(name, 'user', { ...pass!, cursor: 'page-9' }, 1);
    expect((await stored()).pass).toMatchObject({ cursor: 'page-9' });
    const edges = { ...pass!, stage: 'edges', cursor: undefined } as never;
    await mirror.savePass(name, 'user', edges, 1);
    const resumed = (await stored()).pass;
    expect(resumed?.stage).toBe('edges');
    expect(Object.keys(resumed!)).not.toContain('cursor');
  });

  it('is refused to a holder whose lease has gone to another', async () => {
    expect(await mirror.beginPass(name, 'user', begin, 2)).toBe(true);
    const { pass } = await stored();
    expect(await mirror.beginPass(name, 'user', { ...begin, link: 'late' }, 1)).toBe(false);
    expect(await mirror.savePass(name, 'user', { ...pass!, objects: 5 }, 1)).toBe(false);
    expect(await mirror.keepLink(name, 'user', 'l2', 4)).toBe(true);
    expect(await mirror.keepLink(name, 'user', 'l3', 3)).toBe(false);
    expect((await stored()).pass?.objects).toBe(0);
  });

  it('keeps the begin of a finished sweep and its link in one write, and the request as served', async () => {
    await mirror.beginPass(name, 'user', begin, 1);
    await mirror.requestSweep(name);
    expect((await stored()).sweepRequestedAt).toBeInstanceOf(Date);
    expect((await mirror.checkpoint(name, 'group'))?.sweepRequestedAt).toBeInstanceOf(Date);
    const beganAt = new Date((await mirror.now()).getTime() + 1);
    expect(await mirror.finishSweep(name, 'user', { link: 'next', beganAt }, 1)).toBe(true);
    const checkpoint = await stored();
    expect(checkpoint.links.map(({ link }) => link)).toEqual(['fresh', 'next']);
    expect(checkpoint.sweptAt).toEqual(beganAt);
    expect(checkpoint).not.toHaveProperty('sweepRequestedAt');
  });

  it('keeps a request for a sweep that came after the sweep had begun', async () => {
    await mirror.beginPass(name, 'user', begin, 1);
    const beganAt = await mirror.now();
    await mirror.requestSweep(name);
    await mirror.finishSweep(name, 'user', { link: 'next', beganAt }, 1);
    expect(await stored()).toHaveProperty('sweepRequestedAt');
  });

  it('remembers that a pass is wanted until one begins', async () => {
    await mirror.requestPass(name, 'user', 'expired');
    expect(await stored()).toMatchObject({ passRequested: 'expired', links: [], shape: '' });
    await mirror.beginPass(name, 'user', { ...begin, cause: 'expired' }, 1);
    expect(await stored()).not.toHaveProperty('passRequested');
  });
});

describe('a tenant', () => {
  it('begins served, keeps its phase when connected again, and is degraded for a while', async () => {
    await mirror.tenants.connect(name, { clientId: 'a' });
    await mirror.tenants.setPhase(name, 'live');
    await mirror.tenants.degrade(name, 'Renew the secret.');
    await mirror.tenants.connect(name, { clientId: 'b' });
    const tenant = { id: name, phase: 'live', state: 'served', served: true };
    const connection = { clientId: 'b' };
    const degraded = 'Renew the secret.';
    expect(await mirror.tenants.find(name)).toEqual({ ...tenant, connection, degraded });
    await mirror.tenants.recover(name);
    expect(await mirror.tenants.list()).toContainEqual({ ...tenant, connection });
  });

  it('that is being removed takes no other state', async () => {
    await mirror.tenants.connect(name, {});
    expect(await mirror.tenants.setState(name, 'paused')).toBe(true);
    expect(await mirror.tenants.find(name)).toMatchObject({ served: false });
    await mirror.tenants.setState(name, 'removing');
    expect(await mirror.tenants.setState(name, 'served')).toBe(false);
  });
});

it('heartbeats show the latest figures of each process', async () => {
  await mirror.beat('a', ['worker'], { counts: { applied: 1 }, lagMs: null });
  await mirror.beat('a', ['worker'], { counts: { applied: 2 }, lagMs: { p50: 1, p99: 2 } });
  await mirror.beat('b', ['receiver'], { counts: {}, lagMs: null });
  const beats = (await mirror.heartbeats(60_000)).sort((x, y) => x._id.localeCompare(y._id));
  expect(beats).toMatchObject([
    { _id: 'a', counts: { applied: 2 } },
    { _id: 'b', lagMs: null },
  ]);
});
