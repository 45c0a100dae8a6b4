import type { Change } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { judge } from './authenticity.ts';
import type { Enqueue } from './gather.ts';
import type { KnownSubscriptions } from './known-subscriptions.ts';
import { readItem, type Item } from './notification.ts';
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

/** The changes of authentic items by tenant; all items are judged at once, so that one wait serves all. */
async function sortOut(
  items: readonly Item[],
  { subscriptions, log, clock, stats, onVerdict }: AcceptDeps,
): Promise<{ byTenant: Map<string, Change[]>; allJudged: boolean }> {
  const judgements = await Promise.all(items.map((item) => judge(item, subscriptions)));
  const byTenant = new Map<string, Change[]>();
  for (const [index, { subscriptionId, change }] of items.entries()) {
    const judgement = judgements[index] ?? { verdict: 'cannotTell' };
    if (judgement.verdict === 'authentic') {
      const { tenantId } = judgement;
      const changes = byTenant.get(tenantId) ?? [];
      changes.push(change);
      byTenant.set(tenantId, changes);
      stats.lastReceiptAt = clock.now();
      onVerdict(subscriptionId, true);
    } else {
      stats[judgement.verdict] += 1;
      log.warn({ subscriptionId, verdict: judgement.verdict }, 'notification not queued');
      if (judgement.verdict === 'mismatched') onVerdict(subscriptionId, false);
    }
  }
  const allJudged = judgements.every(({ verdict }) => verdict !== 'cannotTell');
  return { byTenant, allJudged };
}
