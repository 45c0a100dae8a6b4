import type { Metric } from '../ops/metrics.ts';
import type { MetricSources } from './metric-sources.ts';
import { labelled, longestAge, secondsSince, sum, sumOf } from './samples.ts';

/** What all processes see alike; take the maximum over them, not the sum. */
export const sharedMetrics: Metric<MetricSources>[] = [
  {
    name: 'entra_mirror_shared_figures_up',
    help: 'Whether the figures that all processes share could be read from MongoDB.',
    type: 'gauge',
    read: ({ shared }) => Number(shared !== undefined),
  },
  {
    name: 'entra_mirror_queue_messages',
    help: 'Messages in the queue by state, counted up to 1,000.',
    type: 'gauge',
    labels: ['state'],
    read: ({ shared }) =>
      shared?.queue &&
      labelled('state', { waiting: shared.queue.waiting, scheduled: shared.queue.scheduled }),
  },
  {
    name: 'entra_mirror_dead_letters',
    help: 'Dead letters, counted up to 1,000.',
    type: 'gauge',
    read: ({ shared }) => shared?.queue?.deadLettered,
  },
  {
    name: 'entra_mirror_queue_age_seconds',
    help: 'Age of the oldest message that waits.',
    type: 'gauge',
    read: ({ shared, nowMs }) =>
      shared?.queue && (secondsSince(nowMs, shared.queue.oldestWaitingAt) ?? 0),
  },
  {
    name: 'entra_mirror_tenants',
    help: 'Tenants by state: those served by their phase, paused, or degraded where a person must act.',
    type: 'gauge',
    labels: ['state'],
    read: ({ shared }) =>
      shared &&
      labelled('state', {
        ...{ subscribing: 0, loading: 0, sweeping: 0, live: 0, paused: 0, degraded: 0 },
        ...sumOf(shared.tenants, ({ phase, state, degraded }) => ({
          [state === 'served' ? phase : state]: 1,
          degraded: Number(degraded !== undefined),
        })),
      }),
  },
  {
    name: 'entra_mirror_users',
    help: 'People in the mirror by state.',
    type: 'gauge',
    labels: ['state'],
    read: ({ shared }) =>
      shared &&
      labelled(
        'state',
        sumOf(shared.tenants, ({ users }) => users),
      ),
  },
  {
    name: 'entra_mirror_groups',
    help: 'Groups in the mirror by state.',
    type: 'gauge',
    labels: ['state'],
    read: ({ shared }) =>
      shared &&
      labelled(
        'state',
        sumOf(shared.tenants, ({ groups }) => groups),
      ),
  },
  {
    name: 'entra_mirror_memberships',
    help: 'Present memberships and ownerships.',
    type: 'gauge',
    labels: ['kind'],
    read: ({ shared }) =>
      shared &&
      labelled(
        'kind',
        sumOf(shared.tenants, ({ memberships }) => memberships),
      ),
  },
  {
    name: 'entra_mirror_sweep_age_seconds',
    help: 'Time since the begin of the last finished sweep, of the tenant for which it is longest.',
    type: 'gauge',
    read: ({ shared, nowMs }) => {
      const served = shared?.tenants.filter(({ state }) => state === 'served');
      const swept = served?.flatMap(({ sweptAt }) => Object.values(sweptAt));
      return longestAge(swept, nowMs);
    },
  },
  {
    name: 'entra_mirror_held_removals',
    help: 'Removals that a hold keeps back until a person, or time, decides.',
    type: 'gauge',
    read: ({ shared }) =>
      shared && sum(shared.tenants, ({ holds }) => sum(holds, ({ items }) => items)),
  },
  {
    name: 'entra_mirror_audit_differences',
    help: 'Differences between mirror and source that the last audit of each tenant found.',
    type: 'gauge',
    read: ({ shared }) => {
      const audits = shared?.tenants.flatMap(({ audit }) => audit ?? []);
      return audits && audits.length > 0
        ? sum(audits, ({ differences }) => differences)
        : undefined;
    },
  },
  {
    name: 'entra_mirror_audit_age_seconds',
    help: 'Time since the end of the last audit, of the tenant for which it is longest.',
    type: 'gauge',
    read: ({ shared, nowMs }) =>
      longestAge(
        shared?.tenants.map(({ audit }) => audit?.endedAt),
        nowMs,
      ),
  },
  {
    name: 'entra_mirror_subscriptions',
    help: 'Active subscriptions; a tenant has two.',
    type: 'gauge',
    read: ({ shared }) =>
      shared && sum(shared.tenants, ({ subscriptions }) => subscriptions.length),
  },
  {
    name: 'entra_mirror_subscription_expiry_seconds',
    help: 'Time until the first subscription ends, unless it is renewed.',
    type: 'gauge',
    read: ({ shared, nowMs }) => {
      const ends = shared?.tenants.flatMap(({ subscriptions }) =>
        subscriptions.map(({ expiresAt }) => (expiresAt.getTime() - nowMs) / 1_000),
      );
      return ends && ends.length > 0 ? Math.min(...ends) : undefined;
    },
  },
];
