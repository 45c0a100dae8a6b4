import type { Metric } from '../ops/metrics.ts';
import type { MetricSources } from './metric-sources.ts';
import { processMetrics } from './process-metrics.ts';
import { provisioningMetrics } from './provisioning-metrics.ts';
import { sharedMetrics } from './shared-metrics.ts';

/** Every metric but the measured times, each with its source. */
export const metricTable: readonly Metric<MetricSources>[] = [
  ...processMetrics,
  ...sharedMetrics,
  ...provisioningMetrics,
];
