import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openMirror, type Mirror } from '../../../src/mirror/open-mirror.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { defaultTimings } from '../../../src/ops/timings.ts';
import { LeaseLostError, underLease } from '../../../src/sync/lease.ts';
import { openTestMongo, type TestMongo } from '../../support/mongo.ts';
import { until } from '../../support/until.ts';

describe('work under a lease', () => {
  let mongo: TestMongo;
  let mirror: Mirror;
  beforeAll(async () => {
    mongo = await openTestMongo('lease');
    mirror = await openMirror({ db: mongo.db, log: silentLog, clock: systemClock });
  });
  afterAll(() => mongo.close());

  const { signal } = new AbortController();
  const timings = { ...defaultTimings, leaseMs: 1_000, roundGapMs: 20 };
  const depsOf = (holder: string) => ({ mirror, clock: systemClock, timings, holder });

  it('is done by one at a time, and by the next one when that has ended', async () => {
    const first = underLease(depsOf('one'), 'turns', { signal }, async () => {
      const second = await underLease(depsOf('two'), 'turns', { signal }, async () => 'did');
      expect(second).toBeUndefined();
      return 'done';
    });
    expect(await first).toBe('done');
    const next = underLease(depsOf('two'), 'turns', { signal }, async () => 'did');
    expect(await next).toBe('did');
  });

  it('waits for its turn where it may', async () => {
    let ended = false;
    const first = underLease(depsOf('one'), 'patience', { signal }, async () => {
      await until(async () => (await mongo.db.collection('leases').countDocuments()) > 0);
      ended = true;
    });
    const waiting = { signal, waitMs: 5_000 };
    const second = underLease(depsOf('two'), 'patience', waiting, async () => ended);
    await first;
    expect(await second).toBe(true);
  });

  it('is kept for longer than the lease lives', async () => {
    await underLease(depsOf('one'), 'long', { signal }, async (keeper) => {
      const since = Date.now();
      await until(() => Date.now() - since > 1.3 * timings.leaseMs);
      expect(await mirror.acquireLease('long', 'two', 1_000)).toBeUndefined();
      await keeper.keep();
    });
  });

  it('stops at its next page once another process has the lease, and leaves that one alone', async () => {
    const work = underLease(depsOf('one'), 'stolen', { signal }, async (keeper) => {
      const stolen = { $set: { holder: 'two' }, $inc: { epoch: 1 } };
      await mongo.db.collection<{ _id: string }>('leases').updateOne({ _id: 'stolen' }, stolen);
      await expect(keeper.keep()).rejects.toThrow(LeaseLostError);
      expect(keeper.signal.aborted).toBe(true);
    });
    await work;
    const leases = mongo.db.collection<{ _id: string; holder: string }>('leases');
    expect((await leases.findOne({ _id: 'stolen' }))!.holder).toBe('two');
  });

  it('stops when the process closes, and gives the lease back', async () => {
    const closing = new AbortController();
    const work = underLease(depsOf('one'), 'closed', closing, async (keeper) => {
      closing.abort(new Error('closing'));
      await keeper.keep();
    });
    await expect(work).rejects.toThrow('closing');
    expect(await mirror.acquireLease('closed', 'two', 1_000)).toBeDefined();
  });
});
