import type { Connections } from '../connect.ts';
import { createRecentShare } from '../ops/recent-share.ts';
import type { Closers } from '../ops/shutdown.ts';
import { createReceiver } from '../receive/receiver.ts';
import { SubscriptionCache } from '../receive/subscription-cache.ts';
import { noteVerdicts } from './verdicts.ts';

/** Takes notifications; it listens before anything subscribes, since Graph knocks at once. */
export async function startReceiver(connections: Connections, closers: Closers) {
  const { publisher, subscriptions, clock, metrics, tracer } = connections;
  const log = connections.log.child({ role: 'receiver' });
  const known = new SubscriptionCache({
    load: () => subscriptions.known(),
    find: (subscriptionId, hash) => subscriptions.find(subscriptionId, hash),
    clock,
    log,
  });
  await known.start();
  closers.add('known subscriptions', () => known.close());
  const slowAnswers = createRecentShare(clock, slowWindowMs);
  const receiver = createReceiver({
    ...{ publish: publisher.publish, subscriptions: known, log, clock, tracer },
    onVerdict: noteVerdicts(connections, closers),
    onAnswered: (ms) => {
      metrics.answered(ms);
      slowAnswers.note(ms > slowMs);
    },
  });
  closers.add('receiver', () => receiver.close());
  return { ...receiver, slowShare: () => slowAnswers.share() };
}

/** Graph counts an answer after 3 s as slow and looks at ten minutes at a time. */
const slowMs = 3_000;
const slowWindowMs = 10 * 60_000;
