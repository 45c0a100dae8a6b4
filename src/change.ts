import { z } from 'zod';

/**
 * One change of a tenant, reduced to what a worker needs. It is a hint, never data: whatever it
 * says is read back from Graph before anything is written.
 */
export const changeSchema = z.object({
  /** `subscription` carries a lifecycle event; its `id` is Graph's subscription id. */
  type: z.enum(['user', 'group', 'subscription']),
  id: z.string().min(1).max(64),
  changeType: z.enum(['updated', 'deleted']).default('updated'),
  /**
   * `notification`: Graph said so. `hint`: we want it read (retry, re-read, suspect).
   * `secondLook`: a later read of what showed nothing new; it causes no further look.
   */
  origin: z.enum(['notification', 'hint', 'secondLook']),
  lifecycle: z.enum(['reauthorizationRequired', 'subscriptionRemoved', 'missed']).optional(),
  subscriptionId: z.string().max(64).optional(),
  /** When we received or made it (ISO 8601); lag is counted from here. */
  receivedAt: z.iso.datetime(),
  /** When the directory changed, where Graph says so. */
  eventTime: z.string().max(40).optional(),
  /** Tries so far that failed for reasons of this object. */
  attempt: z.int().min(0).default(0),
  /** Counter of the tenant when a hint was sent: a document with a greater fence has been read since. */
  sentAtFence: z.int().min(0).optional(),
  /** A person asked for it: read before hints of our own. */
  onDemand: z.boolean().optional(),
  /** Only of a hint that came from a sweep of a tenant in service: a notification should have announced it. */
  foundBy: z.literal('sweep').optional(),
  /** When its object was first missing (404 and not in deletedItems). */
  missingSince: z.iso.datetime().optional(),
});
export type Change = z.infer<typeof changeSchema>;

/** The oldest and the newest version of the envelope that this release reads. It writes the newest. */
export const CHANGE_SET_VERSION = 1;

/** What one queue message carries: many changes of one tenant. */
export const changeSetSchema = z.object({
  version: z.literal(CHANGE_SET_VERSION),
  tenantId: z.string().min(1).max(64),
  changes: z.array(changeSchema).min(1).max(2_000),
  /** W3C trace context of the POST or job that made it. */
  traceparent: z.string().max(64).optional(),
});
export type ChangeSet = z.infer<typeof changeSetSchema>;

export type ObjectType = 'user' | 'group';
export interface ObjectRef {
  type: ObjectType;
  id: string;
}

/** What became of one change; the consumer settles, splits, parks or dead-letters by it. */
export type Outcome =
  /** Applied, same, stale, removed or held: nothing more to do. */
  | { kind: 'done' }
  /** Trouble of this object alone: it goes on by itself, later, with one attempt more. `change` replaces it. */
  | { kind: 'retry'; reason: string; delayMs?: number; change?: Change }
  /** Trouble of the tenant or of a system: sent again later, its attempt count unchanged. */
  | { kind: 'park'; reason: string; delayMs?: number }
  /** It can never be handled: it becomes a dead letter of its own. */
  | { kind: 'dead'; reason: string; description: string };

/** Handles changes of one tenant, each object once; outcomes in the order of `changes`. */
export type HandleChanges = (
  tenantId: string,
  changes: readonly Change[],
  context: { traceparent?: string | undefined; signal: AbortSignal },
) => Promise<Outcome[]>;

/** Puts changes of a tenant on the queue; resolves once the broker has accepted all of them. */
export type PublishChanges = (
  tenantId: string,
  changes: readonly Change[],
  options?: { delayMs?: number; traceparent?: string | undefined; signal?: AbortSignal },
) => Promise<void>;
