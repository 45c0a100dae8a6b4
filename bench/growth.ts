import { auditTenant } from '../src/sync/audit/audit.ts';
import type { Bench } from './support/bench.ts';
import { figure, type Figure } from './support/result.ts';
import { startWorld, waitFor, type World } from './support/world.ts';

const sizes = { least: 1_000, greatest: 100_000 };

/** How each cost grows with the number of people, tenfold from step to step. */
export const growth: Bench<typeof sizes> = {
  does: 'load, sweep without changes and audit, at growing sizes',
  sizes,
  smoke: { least: 100, greatest: 1_000 },
  async run({ least, greatest }, say) {
    const figures: Figure[] = [];
    for (let users = least; users <= greatest; users *= 10) {
      figures.push(...(await costsAt(users)));
      say(`${users} people`);
    }
    return { figures, targets: [], notes: ['A group for every twenty people.'] };
  },
};

async function costsAt(users: number): Promise<Figure[]> {
  const world = await startWorld({ users, groups: Math.ceil(users / 20) });
  const roles = await world.startRoles(['receiver', 'worker', 'scheduler']);
  try {
    await waitFor('the load', () => world.isLoaded());
    const loadMs = Date.now() - (await world.loadBeganMs());
    await world.live(roles);
    await world.quiet();
    const sweepMs = await timed(() => world.sweep());
    const auditMs = await timed(() => auditOf(world));
    const memory = await roles.memoryMiB();
    const at = (name: string, unit: string, value: number) =>
      figure(`${name}, ${users} people`, unit, [value]);
    return [
      at('load', 'ms', loadMs),
      at('sweep', 'ms', sweepMs),
      at('audit', 'ms', auditMs),
      at('memory', 'MiB', memory),
    ];
  } finally {
    await roles.stop();
    await world.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const auditOf = ({ own, tenantId }: World) =>
  auditTenant({ ...own, publish: own.publisher.publish }, tenantId, {
    signal: new AbortController().signal,
    ...{ repair: false, secondLookMs: 0 },
  });
