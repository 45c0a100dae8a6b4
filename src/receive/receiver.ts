import { Router } from 'express';
import type { PublishChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { noTracer, type Tracer } from '../ops/trace.ts';
import { answer } from './answer.ts';
import { createEnqueue } from './gather.ts';
import { shakeHands } from './handshake.ts';
import { createIntake } from './intake.ts';
import type { KnownSubscriptions } from './known-subscriptions.ts';
import { defaultReceiverLimits, type ReceiverLimits } from './receiver-limits.ts';
import { emptyStats, type ReceiverStats } from './receiver-stats.ts';
import { createTake } from './take.ts';

interface Receiver {
  /** Serves POST /notifications and POST /lifecycle; mount it before any other middleware. */
  router: Router;
  readonly stats: Readonly<ReceiverStats>;
  /** From now on POSTs are answered 503; resolves when those under way have their answers. */
  close(): Promise<void>;
}

/** Takes what Graph sends: checks it, has it queued, and only then answers 202. */
export function createReceiver({
  publish,
  subscriptions,
  log,
  clock,
  tracer = noTracer,
  limits: given = {},
  onVerdict = () => undefined,
  onAnswered = () => undefined,
}: {
  publish: PublishChanges;
  subscriptions: KnownSubscriptions;
  log: Log;
  clock: Clock;
  tracer?: Tracer;
  limits?: Partial<ReceiverLimits>;
  /** Told of each item whose subscription is ours, and whether it was authentic. */
  onVerdict?: (subscriptionId: string, authentic: boolean) => void;
  /** Told how long each POST waited for its answer. */
  onAnswered?: (ms: number) => void;
}): Receiver {
  const limits = { ...defaultReceiverLimits, ...given };
  const stats = emptyStats();
  const intake = createIntake(limits);
  const enqueue = createEnqueue({ publish, clock, log, tracer, limits });
  const shared = { subscriptions, log, clock, tracer, stats, limits, onVerdict };
  const take = createTake({ ...shared, enqueue });

  const router = Router();
  router.post(['/notifications', '/lifecycle'], async (request, response) => {
    if (shakeHands(request, response)) return;
    const since = clock.now();
    const place = intake.enter();
    const status = place ? await take(request, place) : 503;
    if (status === 'aborted') return;
    answer(response, status, stats);
    onAnswered(clock.now() - since);
  });
  return { router, stats, close: () => intake.close() };
}
