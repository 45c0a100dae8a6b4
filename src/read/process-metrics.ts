import type { Metric } from '../ops/metrics.ts';
import type { MetricSources } from './metric-sources.ts';
import { labelled, secondsSince, sum } from './samples.ts';

/** What this process did; sums over processes are meaningful. */
export const processMetrics: Metric<MetricSources>[] = [
  {
    name: 'entra_mirror_posts_total',
    help: 'POSTs of Graph by answer: accepted 202, refused 503, badRequest 400, tooLarge 413.',
    type: 'counter',
    labels: ['answer'],
    read: ({ receiver }) =>
      receiver &&
      labelled('answer', {
        accepted: receiver.accepted,
        refused: receiver.refused,
        badRequest: receiver.badRequests,
        tooLarge: receiver.tooLarge,
      }),
  },
  {
    name: 'entra_mirror_notifications_total',
    help: 'Notifications by fate: queued, or why they were not.',
    type: 'counter',
    labels: ['fate'],
    read: ({ receiver }) =>
      receiver &&
      labelled('fate', {
        queued: receiver.queued,
        malformed: receiver.malformed,
        mismatched: receiver.mismatched,
        unknown: receiver.unknown,
        cannotTell: receiver.cannotTell,
      }),
  },
  {
    name: 'entra_mirror_slow_answers_ratio',
    help: 'Share of answers after more than 3 s in the last 10 minutes; at 0.1 Graph delays notifications.',
    type: 'gauge',
    read: ({ receiver }) => receiver?.slowShare,
  },
  {
    name: 'entra_mirror_last_receipt_age_seconds',
    help: 'Time since the last authentic notification.',
    type: 'gauge',
    read: ({ receiver, nowMs }) =>
      receiver?.lastReceiptAt === undefined
        ? undefined
        : secondsSince(nowMs, new Date(receiver.lastReceiptAt)),
  },
  {
    name: 'entra_mirror_messages_total',
    help: 'Messages of the queue by settlement; unsettled ones come again.',
    type: 'counter',
    labels: ['settlement'],
    read: ({ worker }) =>
      worker &&
      labelled('settlement', {
        completed: worker.completed,
        deadLettered: worker.deadLettered,
        abandoned: worker.abandoned,
        unsettled: worker.unsettled,
      }),
  },
  {
    name: 'entra_mirror_messages_in_hand',
    help: 'Messages received and not yet settled.',
    type: 'gauge',
    read: ({ worker }) => worker?.inHand,
  },
  {
    name: 'entra_mirror_batches_total',
    help: 'Batches of changes, each of one tenant, handled together.',
    type: 'counter',
    read: ({ worker }) => worker?.batches,
  },
  {
    name: 'entra_mirror_changes_total',
    help: 'Changes in the messages of those batches.',
    type: 'counter',
    read: ({ worker }) => worker?.changes,
  },
  {
    name: 'entra_mirror_coalesced_changes_total',
    help: 'Changes that needed no read, since another one of the batch was about the same object.',
    type: 'counter',
    read: ({ worker }) => worker && worker.changes - worker.objects,
  },
  {
    name: 'entra_mirror_postponed_changes_total',
    help: 'Changes sent again for later: retried for their own trouble, parked for that of a tenant or a system.',
    type: 'counter',
    labels: ['reason'],
    read: ({ worker }) =>
      worker && labelled('reason', { retried: worker.retried, parked: worker.parked }),
  },
  {
    name: 'entra_mirror_graph_requests_total',
    help: 'Requests to Graph; a batch is one.',
    type: 'counter',
    read: ({ governors }) => sum(governors, ({ requests }) => requests),
  },
  {
    name: 'entra_mirror_graph_units_total',
    help: "Resource units of Graph's quota that were spent.",
    type: 'counter',
    read: ({ governors }) => sum(governors, ({ units }) => units),
  },
  {
    name: 'entra_mirror_graph_throttled_total',
    help: 'Requests, or parts of a batch, that Graph answered with 429.',
    type: 'counter',
    read: ({ governors }) => sum(governors, ({ throttled }) => throttled),
  },
  {
    name: 'entra_mirror_graph_waiting',
    help: "Requests that wait for their share of a tenant's quota.",
    type: 'gauge',
    read: ({ governors }) => sum(governors, ({ waiting }) => waiting),
  },
  {
    name: 'entra_mirror_graph_pace_ratio',
    help: 'Part of the quota in use for the tenant that Graph slows most, 0.1 to 1.',
    type: 'gauge',
    read: ({ governors }) => Math.min(1, ...governors.map(({ pace }) => pace)),
  },
  {
    name: 'entra_mirror_outcomes_total',
    help: 'Objects by what their read did: applied, same, stale, or the trouble it met.',
    type: 'counter',
    labels: ['outcome'],
    read: ({ counts }) => {
      const names = ['applied', 'same', 'stale', 'done', 'retry', 'park', 'dead'];
      const values = names.map((name) => [name, counts[`outcome.${name}`] ?? 0]);
      return labelled('outcome', Object.fromEntries(values) as Record<string, number>);
    },
  },
  {
    name: 'entra_mirror_unannounced_total',
    help: 'Applied writes that no notification announced: lost notifications, or gaps.',
    type: 'counter',
    read: ({ counts }) => counts['unannounced'] ?? 0,
  },
  {
    name: 'entra_mirror_loss_ratio',
    help: 'Share of applied writes that no notification announced, since the process began.',
    type: 'gauge',
    read: ({ counts }) =>
      (counts['unannounced'] ?? 0) / Math.max(1, counts['outcome.applied'] ?? 0),
  },
  {
    name: 'entra_mirror_sweeps_total',
    help: 'Finished sweeps.',
    type: 'counter',
    read: ({ counts }) => counts['sweeps'] ?? 0,
  },
];
