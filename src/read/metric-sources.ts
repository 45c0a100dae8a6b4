/** Where the figures come from; a process without a role lacks that role's. */
export interface MetricSources {
  receiver: ReceiverFigures | undefined;
  worker: WorkerFigures | undefined;
  /** The governor of each tenant that this process has asked Graph about. */
  governors: readonly GovernorFigures[];
  /** What the synchronisation of this process counted. */
  counts: Readonly<Record<string, number>>;
  /** What all processes share; undefined where MongoDB did not answer. */
  shared: SharedFigures | undefined;
  nowMs: number;
}

interface ReceiverFigures {
  accepted: number;
  badRequests: number;
  tooLarge: number;
  refused: number;
  queued: number;
  malformed: number;
  mismatched: number;
  unknown: number;
  cannotTell: number;
  /** Milliseconds since the epoch. */
  lastReceiptAt: number | undefined;
  /** Of the answers of Graph's window, 0 to 1. */
  slowShare: number;
}

interface WorkerFigures {
  inHand: number;
  batches: number;
  changes: number;
  objects: number;
  completed: number;
  deadLettered: number;
  abandoned: number;
  unsettled: number;
  retried: number;
  parked: number;
}

interface GovernorFigures {
  requests: number;
  units: number;
  throttled: number;
  waiting: number;
  pace: number;
}

interface SharedFigures {
  tenants: readonly {
    phase: string;
    state: string;
    degraded?: string;
    users: Record<string, number>;
    groups: Record<string, number>;
    memberships: Record<string, number>;
    subscriptions: readonly { expiresAt: Date }[];
    /** Begin of the last finished sweep, by type. */
    sweptAt: Record<string, Date | null>;
    /** Open holds. */
    holds: readonly { items: number }[];
    /** The last finished audit. */
    audit: { endedAt: Date; differences: number } | null;
  }[];
  queue: QueueFigures | null;
  hrQueue: QueueFigures | null;
  /** SCIM and Graph connections by state. */
  connections: Record<string, number>;
}

interface QueueFigures {
  waiting: number;
  scheduled: number;
  deadLettered: number;
  oldestWaitingAt: Date | null;
}
