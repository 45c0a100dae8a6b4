import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '../../../src/ops/log.ts';
import { countLosses } from '../../../src/sync/losses.ts';
import { notified, openWorld, type World } from './world.ts';

describe('the loss detector', () => {
  let world: World;
  let people: string[];
  const lines = new PassThrough();
  beforeAll(async () => {
    world = await openWorld('losses', { users: 20, groups: 1 });
    people = world.directory.snapshot().users.map(({ id }) => id);
    await world.sync();
    await world.drain();
  });
  afterAll(() => world.close());

  const change = (ids: readonly string[], city: string) =>
    ids.forEach((id) => world.directory.updateUser(id, { city }));
  const sweep = async () => {
    await world.mirror.requestSweep(world.tenantId);
    await world.sync();
    await world.drain();
  };
  /** Counts as if the time in which a notification may still come were over. */
  const count = (replicationMs = 0) =>
    countLosses(
      {
        ...world.deps,
        timings: { ...world.deps.timings, replicationMs },
        log: createLog({ destination: lines }),
        lossThreshold: 0.5,
      },
      world.tenantId,
    );
  const figures = () => world.deps.figures.snapshot().tenants[world.tenantId];

  it('counts what a sweep found and nothing announced, once', async () => {
    change(people.slice(0, 2), 'Atlantis');
    await sweep();
    await count();
    await count();
    expect(figures()).toMatchObject({ lost: 2 });
    await sweep();
    await count();
    expect(figures()).toMatchObject({ lost: 2 });
  });

  it('does not count what may still be announced', async () => {
    change(people.slice(2, 3), 'Lemuria');
    await sweep();
    await count(60_000);
    expect(figures()).toMatchObject({ lost: 2 });
  });

  it('does not count what was announced late, after a sweep had found it', async () => {
    await world.handle([notified('user', people[2]!)]);
    await count();
    expect(figures()).toMatchObject({ lost: 2 });
  });

  it('does not count what was announced and met a late replica', async () => {
    await world.handle([notified('user', people[3]!)]);
    // Its second look found nothing new either.
    world.sent.length = 0;
    change(people.slice(3, 4), 'Mu');
    await sweep();
    await count();
    expect(figures()).toMatchObject({ lost: 2 });
  });

  it('knows how long notifications took, and how long their writes', async () => {
    const id = people[4]!;
    change([id], 'Thule');
    const eventTime = new Date(Date.now() - 5_000).toISOString();
    await world.handle([{ ...notified('user', id), eventTime }]);
    const { announced, delayMs, lagMs } = figures()!;
    expect(announced).toBe(1);
    expect(delayMs!.p50).toBeGreaterThanOrEqual(5_000);
    expect(lagMs!.p50).toBeLessThan(5_000);
  });

  it('warns above the threshold', async () => {
    lines.read();
    change(people.slice(5, 9), 'Avalon');
    await sweep();
    await count();
    const [line] = String(lines.read())
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as object);
    expect(line).toMatchObject({
      ...{ level: 'warn', tenantId: world.tenantId, changes: 4, lost: 6, isHigh: true },
      msg: 'notifications are lost: look at the subscriptions and PUBLIC_URL',
    });
  });
});
