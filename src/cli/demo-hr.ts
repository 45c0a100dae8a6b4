import { createLog } from '../ops/log.ts';
import { loadLimitMs, openStage, settled, until } from './demo.ts';
import { startDemoHr, type DemoHr } from './demo-hr-office.ts';
import { story, type Step } from './demo-hr-story.ts';

/** What `demo hr` prints as JSON; times in milliseconds. */
interface Report {
  steps: number;
  /** Steps that did not end as they should, with what was seen. */
  failed: string[];
  people: number;
  writes: number;
  notifications: number;
  /** Of HR, Entra and mirror at the end, and of what the steps should have shown. */
  differences: number;
  elapsedMs: number;
}

const fewPeople = { users: 60, groups: 4 };

/** Walks HR through a life of people on a stack of its own; 0 where HR, Entra and mirror agree at the end. */
export async function demoHr({ json = false, seed }: { json?: boolean; seed: number }) {
  const log = createLog({ level: process.env['LOG_LEVEL'] ?? 'fatal' });
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const began = Date.now();
  const stage = await openStage({ ...fewPeople, seed }, log, {
    roles: ['receiver', 'worker', 'scheduler', 'api'],
    timings: { replicationMs: 1_500, leaseMs: 2_000 },
  });
  const hr = startDemoHr(stage);
  try {
    await until(loadLimitMs, async () => (await stage.running.status()).state === 'live');
    say(`a company of ${fewPeople.users} people is mirrored`);
    const failed = await walk(story, hr, say);
    const unequal = [...(await hr.settle()), ...(await settled(stage)).map(({ what }) => what)];
    const report: Report = {
      steps: story.length,
      failed,
      people: hr.wanted.size,
      writes: stage.graph.stats.writes,
      notifications: stage.running.receiver?.stats.queued ?? 0,
      differences: failed.length + unequal.length,
      elapsedMs: Date.now() - began,
    };
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else say([...unequal, inWords(report)].join('\n'));
    return report.differences === 0 ? 0 : 1;
  } finally {
    await hr.close();
    await stage.close();
  }
}

async function walk(steps: readonly Step[], hr: DemoHr, say: (text: string) => unknown) {
  const failed: string[] = [];
  for (const { title, run } of steps) {
    const trouble = await run(hr).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    say(`${trouble === undefined ? 'as it should' : 'NOT as it should'}: ${title}`);
    if (trouble !== undefined) failed.push(`${title}: ${trouble}`);
  }
  return failed;
}

function inWords({ steps, failed, people, writes, differences, elapsedMs }: Report): string {
  return [
    ...failed,
    `${steps} steps, ${people} people of HR, ${writes} writes to Entra`,
    `${differences} differences of HR, Entra and mirror after ${elapsedMs} ms`,
  ].join('\n');
}
