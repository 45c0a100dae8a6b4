import type { Metric } from '../ops/metrics.ts';
import type { MetricSources } from './metric-sources.ts';
import { countedAs, labelled, secondsSince } from './samples.ts';

/** What comes from HR to Entra, and from Entra's provisioning service by SCIM. */
export const provisioningMetrics: Metric<MetricSources>[] = [
  {
    name: 'entra_mirror_hr_records_total',
    help: 'Records that HR sent by what became of them: accepted, unchanged, held or invalid.',
    type: 'counter',
    labels: ['result'],
    read: ({ counts }) => labelled('result', countedAs(counts, 'hr.record.')),
  },
  {
    name: 'entra_mirror_hr_writes_total',
    help: 'What was done in Entra: created, updated, managers; verified where it was read back; failed for good.',
    type: 'counter',
    labels: ['did'],
    read: ({ counts }) => {
      const names = ['created', 'updated', 'managerSet', 'managerCleared', 'verified', 'failed'];
      const done = names.map((name) => [name, counts[`hr.${name}`] ?? 0] as const);
      return labelled('did', Object.fromEntries(done));
    },
  },
  {
    name: 'entra_mirror_hr_refused_total',
    help: 'People of HR who were not touched, by the rule that forbids it.',
    type: 'counter',
    labels: ['rule'],
    read: ({ counts }) => labelled('rule', countedAs(counts, 'hr.refused.')),
  },
  {
    name: 'entra_mirror_hr_queue_messages',
    help: "Messages in HR's queue by state, counted up to 1,000.",
    type: 'gauge',
    labels: ['state'],
    read: ({ shared }) =>
      shared?.hrQueue &&
      labelled('state', { waiting: shared.hrQueue.waiting, scheduled: shared.hrQueue.scheduled }),
  },
  {
    name: 'entra_mirror_hr_queue_age_seconds',
    help: "Age of the oldest message that waits in HR's queue.",
    type: 'gauge',
    read: ({ shared, nowMs }) =>
      shared?.hrQueue && (secondsSince(nowMs, shared.hrQueue.oldestWaitingAt) ?? 0),
  },
  {
    name: 'entra_mirror_hr_dead_letters',
    help: "Dead letters of HR's queue, counted up to 1,000.",
    type: 'gauge',
    read: ({ shared }) => shared?.hrQueue?.deadLettered,
  },
  {
    name: 'entra_mirror_scim_requests_total',
    help: 'SCIM requests by method and class of the status.',
    type: 'counter',
    labels: ['method', 'status'],
    read: ({ counts }) =>
      Object.entries(countedAs(counts, 'scim.')).flatMap(([name, value]) => {
        const [method = '', status] = name.split('.');
        return status === undefined ? [] : [{ labels: { method, status }, value }];
      }),
  },
  {
    name: 'entra_mirror_scim_throttled_total',
    help: 'SCIM requests that were answered 429, since a connection sent too many at once.',
    type: 'counter',
    read: ({ counts }) => counts['scim.throttled'] ?? 0,
  },
  {
    name: 'entra_mirror_connections',
    help: 'Connections by state; degraded and quarantined ones need a person.',
    type: 'gauge',
    labels: ['state'],
    read: ({ shared }) => shared && labelled('state', shared.connections),
  },
];
