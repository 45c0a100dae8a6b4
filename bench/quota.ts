import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../src/change.ts';
import type { Bench } from './support/bench.ts';
import { figure, type Result } from './support/result.ts';
import { startWorld, type World } from './support/world.ts';

const sizes = { users: 5_000, groups: 50, warmSeconds: 15, seconds: 40, greatest: 8_000 };
type Sizes = typeof sizes;

/** Whether three processes use up a quota together without being refused. */
export const quota: Bench<Sizes> = {
  does: 'endless work under a quota, two workers and a scheduler sharing it',
  sizes,
  smoke: { users: 300, groups: 5, warmSeconds: 3, seconds: 3, greatest: 3_500 },
  async run(given, say) {
    const results: Result = {
      figures: [],
      targets: [],
      notes: ['Units are counted by the simulated Graph, which refills evenly.'],
    };
    for (const units of [3_500, 5_000, 8_000].filter((one) => one <= given.greatest)) {
      const { used, refused } = await measure(units, given);
      say(`${units} units: ${(used * 100).toFixed(1)} % used`);
      results.figures.push(figure(`share of ${units} units per 10 s that was used`, '', [used]));
      results.figures.push(figure(`share of requests answered 429 at ${units}`, '', [refused]));
      results.targets.push({ name: `used of ${units}`, value: used, atLeast: 0.95 });
      results.targets.push({ name: `answered 429 at ${units}`, value: refused, atMost: 0.001 });
    }
    return results;
  },
};

async function measure(units: number, given: Sizes): Promise<{ used: number; refused: number }> {
  const world = await startWorld({ ...given, quota: units });
  const first = await world.startRoles(['receiver', 'scheduler']);
  const workers = await Promise.all([world.startRoles(['worker']), world.startRoles(['worker'])]);
  const endless = new AbortController();
  try {
    await world.live(first);
    const feeding = feed(world, endless.signal);
    await sleep(given.warmSeconds * 1_000);
    const before = await world.graph.call<Stats>('stats');
    const began = performance.now();
    await sleep(given.seconds * 1_000);
    const after = await world.graph.call<Stats>('stats');
    const windows = (performance.now() - began) / 10_000;
    endless.abort();
    await feeding;
    return {
      used: (after.resourceUnits - before.resourceUnits) / (units * windows),
      refused: (after.throttled - before.throttled) / (after.requests - before.requests),
    };
  } finally {
    endless.abort();
    await Promise.all([first, ...workers].map((child) => child.stop()));
    await world.close();
  }
}

interface Stats {
  resourceUnits: number;
  throttled: number;
  requests: number;
}

/** Keeps some messages waiting, each with a hundred people to be read. */
async function feed({ own, bus, graph, tenantId }: World, signal: AbortSignal): Promise<void> {
  const ids = await graph.call<string[]>('ids', 'user');
  let at = 0;
  while (!signal.aborted) {
    const { active } = await bus.call<{ active: number }>('counts');
    if (active < 20) {
      const some = Array.from({ length: 100 }, () => ids[(at += 1) % ids.length] ?? '');
      await own.publisher.publish(tenantId, some.map(notificationOf));
    } else await sleep(50);
  }
}

const notificationOf = (id: string): Change => ({
  ...{ type: 'user', id, changeType: 'updated', origin: 'secondLook' },
  ...{ receivedAt: new Date().toISOString(), attempt: 0 },
});
