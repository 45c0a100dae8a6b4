import type { GatherLimits } from './gather.ts';
import { defaultAnswerMs } from './settle.ts';

export interface ConsumerLimits extends GatherLimits {
  /** Messages in hand at once. */
  maxMessages: number;
  /** How long locks are renewed; no micro-batch may take longer. */
  lockRenewalMs: number;
  /** How long the broker may take to answer a send or a settlement. */
  answerMs: number;
}

export const defaultConsumerLimits: ConsumerLimits = {
  gatherMs: 10,
  patienceMs: 5_000,
  maxObjects: 2_000,
  slots: 8,
  maxMessages: 64,
  lockRenewalMs: 15 * 60_000,
  answerMs: defaultAnswerMs,
};
