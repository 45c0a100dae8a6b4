import type { GatherLimits } from './gather.ts';

export interface ConsumerLimits extends GatherLimits {
  /** Messages in hand at once. */
  maxMessages: number;
  /** How long locks are renewed; no micro-batch may take longer. */
  lockRenewalMs: number;
}

export const defaultConsumerLimits: ConsumerLimits = {
  gatherMs: 10,
  maxObjects: 400,
  slots: 8,
  maxMessages: 64,
  lockRenewalMs: 15 * 60_000,
};
