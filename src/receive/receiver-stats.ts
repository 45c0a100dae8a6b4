/** What a receiver has done since it was made. */
export interface ReceiverStats {
  /** POSTs by their answers. */
  accepted: number;
  badRequests: number;
  tooLarge: number;
  /** Answered 503: Graph sends them again. */
  refused: number;
  /** Items by their fates; those of a refused POST come again. */
  queued: number;
  malformed: number;
  mismatched: number;
  unknown: number;
  cannotTell: number;
  /** Milliseconds since the epoch of the last authentic item. */
  lastReceiptAt: number | undefined;
}

export function emptyStats(): ReceiverStats {
  return {
    accepted: 0,
    badRequests: 0,
    tooLarge: 0,
    refused: 0,
    queued: 0,
    malformed: 0,
    mismatched: 0,
    unknown: 0,
    cannotTell: 0,
    lastReceiptAt: undefined,
  };
}
