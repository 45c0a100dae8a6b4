import type { Bench } from './support/bench.ts';
import type { Requests } from './support/front.ts';
import { figure, type Result } from './support/result.ts';
import { startWorld, waitFor, type Roles, type World } from './support/world.ts';

const sizes = { users: 100_000, groups: 100, changes: 10_000 };
type Sizes = typeof sizes;

/** What it costs to be right again. */
export const recover: Bench<Sizes> = {
  does: 'lost notifications, an outage, an expired link: what the way back costs',
  sizes,
  smoke: { users: 300, groups: 10, changes: 100 },
  async run(given, say) {
    const world = await startWorld(given);
    let roles = await world.startRoles(['receiver', 'worker', 'scheduler']);
    try {
      await world.live(roles);
      const load = await world.requests();
      say('loaded');
      const lost = await afterLosses(world, given);
      say('lost notifications found');
      await roles.stop();
      const changed = await changePeople(world, given.changes, 'Changed in the outage');
      const outage = await cost(world, changed, async () => {
        roles = await world.startRoles(['receiver', 'worker', 'scheduler']);
        await settled(world, roles);
      });
      say('the outage is over');
      const expired = await afterExpiry(world, roles);
      return report(load, lost, outage, expired);
    } finally {
      await roles.stop();
      await world.close();
    }
  },
};

interface Cost {
  used: Requests;
  /** Objects that differed before. */
  differing: number;
  differences: number;
}

async function afterLosses(world: World, { changes }: Sizes): Promise<Cost> {
  await world.graph.call('setFaults', { notificationLossRate: 0.05 });
  await changePeople(world, changes, 'Changed in part unheard');
  await waitFor('the notifications', async () => {
    const { notificationPosts } = await world.graph.call<{ notificationPosts: number }>('stats');
    return notificationPosts > 0;
  });
  await world.graph.call('setFaults', { notificationLossRate: 0 });
  await stable(world);
  const { count } = await world.differences();
  return cost(world, count, () => settled(world));
}

/** Until the count of requests stays where it is. */
async function stable(world: World): Promise<void> {
  let last = -1;
  await waitFor(
    'Graph to be left alone',
    async () => {
      await world.quiet();
      const { all } = await world.requests();
      const isSame = all === last;
      last = all;
      return isSame;
    },
    { everyMs: 1_500 },
  );
}

async function changePeople({ graph }: World, changes: number, title: string): Promise<number> {
  const people = await graph.call<string[]>('ids', 'user');
  const wanted = people.slice(0, changes);
  await graph.call('retitle', { wanted, times: 1, title });
  return wanted.length;
}

async function cost(world: World, differing: number, recovery: () => Promise<void>): Promise<Cost> {
  const before = await world.requests();
  await recovery();
  const after = await world.requests();
  const used = {
    all: after.all - before.all,
    batch: after.batch - before.batch,
    delta: after.delta - before.delta,
    list: after.list - before.list,
  };
  return { used, differing, differences: (await world.differences()).count };
}

/** One sweep, and what it put on the queue. */
async function settled(world: World, roles?: Roles): Promise<void> {
  if (roles) await world.live(roles);
  await world.sweep();
  await stable(world);
}

async function afterExpiry(world: World, roles: Roles) {
  const users = world.own.mirror.collections.objects.user;
  const documents = await users.countDocuments();
  const cause = await world.own.mirror.checkpoint(world.tenantId, 'user');
  await world.graph.call('setFaults', { deltaGoneRate: 1 });
  const result = await cost(world, 0, async () => {
    await world.own.mirror.requestSweep(world.tenantId);
    await waitFor('a full pass to begin', async () => {
      const { pass } = (await world.own.mirror.checkpoint(world.tenantId, 'user')) ?? {};
      return pass !== undefined && pass.token !== cause?.pass?.token;
    });
    await world.graph.call('setFaults', { deltaGoneRate: 0 });
    await world.live(roles);
    await settled(world);
  });
  const gone = await users.countDocuments({ 'mirror.state': { $ne: 'active' } });
  return { ...result, deleted: documents - (await users.countDocuments()) + gone };
}

function report(
  load: Requests,
  lost: Cost,
  outage: Cost,
  expired: Cost & { deleted: number },
): Result {
  const allowed = ({ used, differing }: Cost) => (used.delta + Math.ceil(differing / 20)) * 1.1;
  const rows: [string, Cost][] = [
    ['5 % of the notifications lost', lost],
    ['an outage', outage],
  ];
  return {
    figures: [
      figure('Graph requests of a full load', 'requests', [load.all]),
      ...rows.flatMap(([name, { used, differing }]) => [
        figure(`${name}: objects that differed`, '', [differing]),
        figure(`${name}: requests`, 'requests', [used.all], {
          name: 'a full load',
          values: [load.all],
        }),
        figure(`${name}: of them delta pages`, 'requests', [used.delta]),
      ]),
      figure('an expired link: requests', 'requests', [expired.used.all], {
        name: 'a full load',
        values: [load.all],
      }),
    ],
    targets: [
      ...rows.flatMap(([name, each]) => [
        { name: `${name}: differences after one sweep`, value: each.differences, atMost: 0 },
        {
          name: `${name}: requests / (delta pages + a batch per 20)`,
          value: each.used.all / (allowed(each) / 1.1),
          atMost: 1.1,
        },
      ]),
      {
        name: 'an expired link: requests / a full load',
        value: expired.used.all / load.all,
        atMost: 1.2,
      },
      { name: 'an expired link: documents deleted', value: expired.deleted, atMost: 0 },
      { name: 'an expired link: differences', value: expired.differences, atMost: 0 },
    ],
    notes: ['Changes are made to people, whose reads are what a sweep hands on.'],
  };
}
