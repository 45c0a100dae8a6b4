import { auditTenant } from '../src/sync/audit/audit.ts';
import type { Bench } from './support/bench.ts';
import { startChild } from './support/child.ts';
import { figure, type Result } from './support/result.ts';
import { startWorld, type World } from './support/world.ts';

const sizes = { users: 100_000, groups: 500, requestMs: 20, rounds: 3, planted: 100 };
type Sizes = typeof sizes;

/** The proof that mirror and source are equal. */
export const audit: Bench<Sizes> = {
  does: 'an audit of an equal mirror, and of one with planted differences',
  sizes,
  smoke: { users: 300, groups: 10, rounds: 1, planted: 10 },
  async run(given, say) {
    const world = await startWorld(given);
    const roles = await world.startRoles(['receiver', 'worker', 'scheduler']);
    const alone = await startChild('drain', { env: world.env });
    try {
      await world.live(roles);
      await world.quiet();
      await roles.stop();
      say('loaded');
      const audits: number[] = [];
      const drains: number[] = [];
      let falselyFound = 0;
      for (let round = 0; round < given.rounds; round += 1) {
        drains.push(await alone.call<number>('drain'));
        const { ms, found } = await auditOnce(world);
        audits.push(ms);
        falselyFound += found;
      }
      await plant(world, given.planted);
      const { found } = await auditOnce(world);
      return report(audits, drains, falselyFound, found, given);
    } finally {
      await Promise.all([roles.stop(), alone.stop()]);
      await world.close();
    }
  },
};

async function auditOnce({ own, tenantId }: World): Promise<{ ms: number; found: number }> {
  const began = performance.now();
  const result = await auditTenant({ ...own, publish: own.publisher.publish }, tenantId, {
    signal: new AbortController().signal,
    ...{ repair: false, secondLookMs: 0 },
  });
  return { ms: performance.now() - began, found: result.differences };
}

/** A third of them people who are missing, the others with a wrong title. */
async function plant({ own, tenantId }: World, count: number): Promise<void> {
  const { objects } = own.mirror.collections;
  const people = await objects.user.find({ tenantId }).limit(count).toArray();
  const third = Math.floor(count / 3);
  const idsOf = (from: number, to?: number) => people.slice(from, to).map(({ _id }) => _id);
  await objects.user.updateMany(
    { _id: { $in: idsOf(third) } },
    { $set: { jobTitle: 'Nobody has this title' } },
  );
  await objects.user.deleteMany({ _id: { $in: idsOf(0, third) } });
}

function report(
  audits: readonly number[],
  drains: readonly number[],
  falselyFound: number,
  found: number,
  { planted }: Sizes,
): Result {
  const time = figure('an audit of an equal mirror', 'ms', audits, {
    name: 'draining the same pages',
    values: drains,
  });
  return {
    figures: [time, figure('found of the planted differences', '', [found])],
    targets: [
      {
        name: 'an audit / draining the same pages',
        value: time.baseline?.ratio ?? NaN,
        atMost: 1.5,
      },
      { name: 'found where nothing differed', value: falselyFound, atMost: 0 },
      { name: 'planted differences found', value: found, atLeast: planted, atMost: planted },
    ],
    notes: [
      'The wait for late replicas before a second look is left out: it is the same for any size.',
    ],
  };
}
