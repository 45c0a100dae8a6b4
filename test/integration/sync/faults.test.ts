import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeAtRandom } from '../../../src/local/graph/directory/random-change.ts';
import { noFaults } from '../../../src/local/graph/faults.ts';
import { createRandom } from '../../../src/local/graph/random.ts';
import { until } from '../../support/until.ts';
import { notified, openWorld, type World } from './world.ts';

const lagMs = 150;
const seed = 15;

describe('invariant 5', () => {
  let world: World;
  const random = createRandom(seed);
  beforeAll(async () => {
    const timings = { replicationMs: 3 * lagMs, secondLookMs: 50, sweepEveryMs: 300 };
    world = await openWorld('faults', { users: 15, groups: 4, seed, timings });
    await world.sync();
  });
  afterAll(() => world.close());

  /** Three of ten notifications are lost, two of ten come twice. */
  const notifyBadly = () =>
    world.directory.onEvent(({ type, id, kind }) => {
      if (type !== 'user' && type !== 'group') return;
      const change = notified(type, id, kind === 'purged' ? 'deleted' : 'updated');
      const copies = random() < 0.3 ? 0 : random() < 0.3 ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) world.sent.push({ change, delayMs: 0 });
    });

  const turn = async () => {
    await world.handOver();
    await world.sync();
    await world.reader.serve(world.tenantId);
    await world.handOver();
  };

  it('whatever fails, the mirror equals its source some sweeps later', async () => {
    Object.assign(world.server.faults, {
      ...{ replicaLagMs: lagMs, deltaLagMs: lagMs, deltaChangedOnly: true, deltaCopies: true },
      ...{ deltaRepeatRate: 0.2, deltaEmptyPageRate: 0.1, errorRate: 0.02 },
    });
    const stop = notifyBadly();
    for (let count = 0; count < 60; count += 1) {
      changeAtRandom(world.directory, random);
      if (count % 10 === 9) await turn().catch(() => undefined);
    }
    stop();
    Object.assign(world.server.faults, noFaults());
    const isEqual = async () => {
      await turn();
      return (await world.differences()).length === 0;
    };
    await until(isEqual, { timeoutMs: 50_000 }).catch(() => undefined);
    expect(await world.differences()).toEqual([]);
  });
});
