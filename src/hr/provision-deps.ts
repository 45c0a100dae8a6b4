import type { PublishChanges } from '../change.ts';
import type { Clock } from '../ops/clock.ts';
import type { Connection } from './connections.ts';
import type { InspectDeps } from './inspect.ts';
import type { HrStore } from './store.ts';
import type { Directory, Domain } from './types.ts';

export interface ProvisionDeps extends InspectDeps {
  store: HrStore;
  /** Puts hints on HR's own queue. */
  publish: PublishChanges;
  directoryOf: (connection: Connection) => Directory;
  /** What the mirror holds of a person, to recognise our own write when it comes back. */
  mirrored: (tenantId: string, objectId: string) => Promise<Record<string, unknown> | undefined>;
  clock: Clock;
  timings: {
    /** How long Graph's replicas may lag: what was written is read back after this. */
    replicationMs: number;
    /** A worker that dies holds its person this long. */
    leaseMs: number;
  };
  count: (name: string) => void;
}

/** A connection with what everybody's plan needs of its tenant. */
export interface Work {
  connection: Connection;
  directory: Directory;
  domains: readonly Domain[];
}

/** Longer than one write can take, since it is prolonged before each. */
export const claimMs = ({ timings }: ProvisionDeps): number => 2 * timings.leaseMs;
