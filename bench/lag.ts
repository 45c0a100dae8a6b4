import { setTimeout as sleep } from 'node:timers/promises';
import type { Percentiles } from '../src/ops/samples.ts';
import type { Bench } from './support/bench.ts';
import { figure, type Figure, type Target } from './support/result.ts';
import { median } from './support/statistics.ts';
import { shortLags, startWorld, statusOf, type Roles, type World } from './support/world.ts';

const sizes = { users: 5_000, groups: 100, seconds: 60, fastest: 500, parts: 25 };
type Sizes = typeof sizes;

/** How far behind the mirror is while the directory changes steadily. */
export const lag: Bench<Sizes> = {
  does: 'from the receipt of a notification to its write, at 50, 200 and 500 changes a second',
  sizes,
  smoke: { users: 200, groups: 10, seconds: 3, fastest: 50, parts: 5 },
  async run(given, say) {
    const world = await startWorld(given);
    // Memberships are read as often as in production, since that costs the same cores.
    const roles = await world.startRoles(['receiver', 'worker', 'scheduler', 'api'], shortLags);
    try {
      await world.live(roles);
      const parts = await partsAlone(world, roles, given.parts);
      const figures: Figure[] = [
        ...Object.entries(parts).map(([name, values]) => figure(`${name} alone`, 'ms', values)),
      ];
      const sum = Object.values(parts).reduce((total, values) => total + median(values), 0);
      const targets: Target[] = [];
      for (const rate of [50, 200, 500].filter((one) => one <= given.fastest)) {
        const { p50, p99 } = await lagAt(world, roles, rate, given.seconds);
        say(`${rate} a second: p50 ${p50} ms, p99 ${p99} ms`);
        figures.push(
          figure(`lag at ${rate}/s, p50`, 'ms', [p50], { name: 'sum of the parts', values: [sum] }),
        );
        figures.push(figure(`lag at ${rate}/s, p99`, 'ms', [p99]));
        targets.push({ name: `p50 at ${rate}/s / sum of the parts`, value: p50 / sum, atMost: 3 });
        if (rate === 200) targets.push({ name: 'p99 at 200/s, ms', value: p99, atMost: 2_000 });
      }
      return {
        figures,
        targets,
        notes: ['Percentiles are over the last 2,000 writes of each rate.'],
      };
    } finally {
      await roles.stop();
      await world.close();
    }
  },
};

/** Milliseconds of each part of the way, nothing else going on. */
async function partsAlone({ own, tenantId, graph }: World, roles: Roles, times: number) {
  const ids = (await graph.call<string[]>('ids', 'user')).slice(0, 20);
  const refs = ids.map((id) => ({ type: 'user' as const, id }));
  const api = own.graphOf(tenantId);
  const change = {
    type: 'subscription' as const,
    ...{ id: 'none', changeType: 'updated' as const, origin: 'hint' as const },
    ...{ receivedAt: new Date().toISOString(), attempt: 0 },
  };
  const token = await own.mirror.drawToken(tenantId);
  const reads = await api.read(refs, 'notification');
  const writes = reads.flatMap((read) =>
    read.kind === 'found' ? [{ ...read.object, state: 'active' as const }] : [],
  );
  return {
    receive: await timed(times, () =>
      fetch(`${roles.ready.url}/notifications?validationToken=x`, { method: 'POST' }),
    ),
    enqueue: await timed(times, () => own.publisher.publish('nobody', [change])),
    'one batch read': await timed(times, () => api.read(refs, 'notification')),
    'one bulkWrite': await timed(times, () =>
      own.mirror.applyObjects(tenantId, writes, { token, shape: api.shape }),
    ),
  };
}

async function timed(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    await work();
    taken.push(performance.now() - began);
  }
  return taken;
}

async function lagAt(
  { graph, quiet }: World,
  roles: Roles,
  rate: number,
  seconds: number,
): Promise<Percentiles> {
  await graph.call('change', rate);
  await sleep(seconds * 1_000);
  await graph.call('change', 0);
  const { lagMs } = await statusOf(roles);
  await quiet();
  return lagMs ?? { p50: NaN, p99: NaN };
}
