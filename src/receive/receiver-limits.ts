import type { GatherLimits } from './gather.ts';

export interface ReceiverLimits extends GatherLimits {
  maxBodyBytes: number;
  /** Requests under way at once. */
  maxRequests: number;
  /** Bytes of bodies held at once. */
  maxHeldBytes: number;
}

const mebibyte = 1_024 * 1_024;

export const defaultReceiverLimits: ReceiverLimits = {
  gatherMs: 4,
  maxChanges: 500,
  enqueueMs: 2_000,
  maxBodyBytes: 4 * mebibyte,
  maxRequests: 512,
  maxHeldBytes: 64 * mebibyte,
};
