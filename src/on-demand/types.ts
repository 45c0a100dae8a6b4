import type { ObjectRef, PublishChanges } from '../change.ts';
import type { Graph } from '../graph/types.ts';
import type { Mirror } from '../mirror/open-mirror.ts';
import type { Clock } from '../ops/clock.ts';
import type { ScimStore } from '../scim/store.ts';

export interface OnDemandDeps {
  mirror: Mirror;
  graphOf: (tenantId: string) => Graph;
  publish: PublishChanges;
  clock: Clock;
  scim: ScimStore;
  /** Whether a connection's groups in scope have this person. */
  isInScope: (connectionId: string, personKey: string) => Promise<boolean>;
}

export interface Options {
  /** Show the values of what changed or is held too, which are personal data. */
  values?: boolean | undefined;
  /** How long a worker is waited for. */
  limitMs: number;
}

/** One step on the way from the source into the mirror. */
interface Step {
  step: 'found' | 'in scope' | 'mapped' | 'written';
  done: boolean;
  detail: string;
}

/** What became of one person or group that was asked for. */
export interface OnDemand {
  /** Null where nobody has it. */
  object: ObjectRef | null;
  source: 'graph' | 'scim';
  connectionId: string | null;
  /** Of the mirror's document; null where there is none. */
  state: string | null;
  steps: Step[];
  /** Names of properties, or their values before and after. */
  changed: string[] | Record<string, { before: unknown; after: unknown }>;
  /** Of a group. */
  members?: { present: number; added: number; ended: number };
  /** What Entra's provisioning service sent of it. */
  held?: Held;
  /** How to have Entra send it now. */
  portal?: string[];
}

interface Held {
  /** SCIM's id, which is ours. */
  id: string;
  createdAt: Date;
  changedAt: Date;
  /** The call that wrote it last, such as `PATCH /Users/…`. */
  lastCall: string;
  /** Names of attributes, or their values. */
  attributes: string[] | Record<string, unknown>;
  /** Of a group. */
  members?: number;
}
