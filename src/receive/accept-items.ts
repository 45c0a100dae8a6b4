import type { Change } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { judge } from './authenticity.ts';
import type { Enqueue } from './gather.ts';
import type { KnownSubscriptions } from './known-subscriptions.ts';
import { readItem, type Item, type Sender } from './notification.ts';
import type { ReceiverStats } from './receiver-stats.ts';

export interface AcceptDeps {
  enqueue: Enqueue;
  subscriptions: KnownSubscriptions;
  log: Log;
  clock: Clock;
  stats: ReceiverStats;
  onVerdict: (subscriptionId: string, authentic: boolean) => void;
}

/**
 * Queues every item that is authentic. `true` where nothing more is to be had from this POST: each item
 * was queued or is a stranger's. An item that cannot be judged or queued asks for the POST once more.
 */
export async function acceptItems(
  values: readonly unknown[],
  traceparent: string,
  deps: AcceptDeps,
): Promise<boolean> {
  const { enqueue, clock, stats } = deps;
  const receivedAt = new Date(clock.now()).toISOString();
  const items = values.flatMap((value) => readItem(value, receivedAt) ?? []);
  stats.malformed += values.length - items.length;

  const { byTenant, allJudged } = await sortOut(items, deps);
  const sent = await Promise.all(
    [...byTenant].map(([tenantId, changes]) => enqueueCounted(tenantId, changes)),
  );
  return allJudged && !sent.includes(false);

  async function enqueueCounted(tenantId: string, changes: Change[]): Promise<boolean> {
    const accepted = await enqueue(tenantId, changes, traceparent);
    if (accepted) stats.queued += changes.length;
    return accepted;
  }
}

/** The changes of authentic items by tenant; all senders are judged at once, so that one wait serves all. */
async function sortOut(
  items: readonly Item[],
  { subscriptions, log, clock, stats, onVerdict }: AcceptDeps,
): Promise<{ byTenant: Map<string, Change[]>; allJudged: boolean }> {
  const runs = runsOfSenders(items);
  const judgements = await Promise.all(runs.map(({ sender }) => judge(sender, subscriptions)));
  const byTenant = new Map<string, Change[]>();
  for (const [index, { sender, changes }] of runs.entries()) {
    const { subscriptionId } = sender;
    const judgement = judgements[index] ?? { verdict: 'cannotTell' };
    if (judgement.verdict === 'authentic') {
      const { tenantId } = judgement;
      byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), ...changes]);
      stats.lastReceiptAt = clock.now();
      onVerdict(subscriptionId, true);
    } else {
      const { verdict } = judgement;
      stats[verdict] += changes.length;
      log.warn({ subscriptionId, verdict, items: changes.length }, 'notifications not queued');
      if (verdict === 'mismatched') changes.forEach(() => onVerdict(subscriptionId, false));
    }
  }
  const allJudged = judgements.every(({ verdict }) => verdict !== 'cannotTell');
  return { byTenant, allJudged };
}

interface Run {
  sender: Sender;
  changes: Change[];
}

/** A POST tells mostly of one subscription: neighbours that claim the same sender are judged once. */
function runsOfSenders(items: readonly Item[]): Run[] {
  const runs: Run[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last && isSameSender(last.sender, item)) last.changes.push(item.change);
    else runs.push({ sender: item, changes: [item.change] });
  }
  return runs;
}

function isSameSender(a: Sender, b: Sender): boolean {
  return (
    a.subscriptionId === b.subscriptionId &&
    a.tenantId === b.tenantId &&
    a.clientState === b.clientState
  );
}
