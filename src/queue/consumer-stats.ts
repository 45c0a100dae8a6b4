/** What a consumer has done since it was made; messages unless said otherwise. */
export interface ConsumerStats {
  received: number;
  /** Received and not yet settled. */
  inHand: number;
  batches: number;
  /** Changes in the sets of those batches. */
  changes: number;
  /** Objects handled, each once per micro-batch. */
  objects: number;
  completed: number;
  deadLettered: number;
  abandoned: number;
  /** Settlements that the broker did not take; those messages come again. */
  unsettled: number;
  /** Objects sent on alone for another try. */
  retried: number;
  /** Objects sent again later for their tenant's or a system's trouble. */
  parked: number;
}

export function emptyStats(): ConsumerStats {
  return {
    received: 0,
    inHand: 0,
    batches: 0,
    changes: 0,
    objects: 0,
    completed: 0,
    deadLettered: 0,
    abandoned: 0,
    unsettled: 0,
    retried: 0,
    parked: 0,
  };
}
